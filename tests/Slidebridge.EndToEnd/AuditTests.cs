using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Security;
using Slidebridge.Storage;

namespace Slidebridge.EndToEnd;

/// <summary>The audit log where it could break: two nodes that write at once, and a stop in the middle of reads.</summary>
public sealed class AuditTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_nodes_that_append_at_once_make_one_chain_that_PostgreSQL_does_not_let_anybody_change()
    {
        await using var postgres = await Postgres.CreateAsync();
        await using ServiceProvider first = Node(postgres), second = Node(postgres);
        await TaskStorage.PrepareAsync(Databases(first), Token);
        // Texts that a database could give back in another form.
        string[] names = ["Ada", "nul \0 inside", "half a pair \ud83d", "🩺", new string('é', 400), new string('a', 299) + "🩺"];

        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token }, async (n, _) =>
            await (n % 2 == 0 ? first : second).GetRequiredService<CommitQueue>().CommitAsync(database =>
            {
                database.Record(AuditEntry.Of(DateTimeOffset.UtcNow, new Caller(names[n % names.Length], Role.Operator, [], "127.0.0.1"), "task retry", $"task {n}"));
                return Task.FromResult(true);
            }));

        await using var database = await Databases(first).CreateDbContextAsync(Token);
        var lines = await database.Audit.AsNoTracking().OrderBy(line => line.Number).ToListAsync(Token);
        Assert.Equal(400, lines.Count);
        Assert.Equal(400, lines.Select(line => line.Subject).Distinct().Count());
        for (var i = 0; i < lines.Count; i++) Assert.Null(AuditChain.Break(i == 0 ? null : lines[i - 1], lines[i]));
        var refused = await Assert.ThrowsAnyAsync<DbException>(() => database.Database.ExecuteSqlRawAsync("UPDATE audit SET \"Who\" = 'Eve'", Token));
        Assert.Contains("never changed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_read_is_missing_after_a_clean_stop()
    {
        const int Reads = 300;
        await using var node = await LoneNode.StartAsync(null);
        var task = (await node.RequestAsync(1)).Single();
        await node.UntilAsync("completed", 1);

        await Parallel.ForAsync(0, Reads, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (_, token) =>
            Assert.NotEmpty(await node.Serve.Http.GetByteArrayAsync(new Uri($"/api/tasks/{task.TaskNumber}/result", UriKind.Relative), token)));
        await node.Serve.SignalAsync("TERM");
        Assert.Equal(0, await node.Serve.EndAsync(TimeSpan.FromSeconds(30)));

        var file = Path.Combine(node.Folder, "audit.jsonl");
        var (code, _, error) = await SharedCommands.RunAsync(null, "audit", "export", "--data", node.Data, "--out", file);
        Assert.True(code == 0, error);
        Assert.Equal(Reads, File.ReadLines(file).Count(line => line.Contains("\"result read\"", StringComparison.Ordinal)));
        (code, var told, error) = await SharedCommands.RunAsync(null, "audit", "verify", file);
        Assert.True(code == 0, error);
        Assert.StartsWith("The audit log is intact", told, StringComparison.Ordinal);
    }

    static ServiceProvider Node(Postgres postgres) =>
        new ServiceCollection().AddLogging().AddTaskStorage(new DatabaseOptions(postgres.Database), null).AddSingleton<CommitQueue>().BuildServiceProvider();

    static IDbContextFactory<TaskDatabase> Databases(ServiceProvider node) => node.GetRequiredService<IDbContextFactory<TaskDatabase>>();
}
