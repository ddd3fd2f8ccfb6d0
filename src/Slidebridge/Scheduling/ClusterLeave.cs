using Npgsql;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Scheduling;

/// <summary>
/// Removes this node's row from Quartz's table once its scheduler has stopped normally. Quartz leaves the row, and the other nodes would then warn of a failed instance.
/// </summary>
sealed class ClusterLeave(DatabaseOptions database, NodeOptions node) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (database.Postgres is not { } connection) return;
        try
        {
            await using var source = NpgsqlDataSource.Create(connection);
            await using var leave = source.CreateCommand("DELETE FROM qrtz_scheduler_state WHERE instance_name = $1");
            leave.Parameters.Add(new NpgsqlParameter { Value = node.Name });
            await leave.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            // The other nodes then notice by the missing heartbeat.
        }
    }
}
