using Npgsql;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Scheduling;

/// <summary>
/// Takes this node off Quartz's list once its scheduler has stopped in order. Quartz leaves the row there, and the other nodes would then warn of an instance that failed.
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
            // Then the others find it gone by its heartbeat.
        }
    }
}
