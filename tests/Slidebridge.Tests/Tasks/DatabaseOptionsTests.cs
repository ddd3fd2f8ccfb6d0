using Npgsql;
using Slidebridge.Storage;

namespace Slidebridge.Tests.Tasks;

public sealed class DatabaseOptionsTests
{
    [Fact]
    public void What_a_connection_does_not_say_is_bounded_so_that_a_frozen_node_lets_go_within_seconds()
    {
        var connection = new NpgsqlConnectionStringBuilder(DatabaseOptions.From("Host=db;Username=u").Postgres);
        Assert.Equal((5, 15, "slidebridge"), (connection.Timeout, connection.CommandTimeout, connection.ApplicationName));
        Assert.Contains("idle_in_transaction_session_timeout=5000", connection.Options, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_connection_says_stays()
    {
        var connection = new NpgsqlConnectionStringBuilder(DatabaseOptions.From("Host=db;Timeout=15;CommandTimeout=30;Application Name=ours;Options=-c geqo=off").Postgres);
        Assert.Equal((15, 30, "ours", "-c geqo=off"), (connection.Timeout, connection.CommandTimeout, connection.ApplicationName, connection.Options));
    }
}
