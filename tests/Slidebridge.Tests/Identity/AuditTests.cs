using System.Net;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Identity;

public sealed class AuditTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Actions_and_reads_stand_in_the_log_with_who_and_on_what()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        var ended = await bridge.CompleteAsync(task);
        bridge.Http.DefaultRequestHeaders.Add("X-Operator", "Ada");
        Assert.Equal(HttpStatusCode.Conflict, (await bridge.PostAsync("", $"/api/tasks/{task.TaskNumber}/retry")).StatusCode);
        await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/result");
        await bridge.GetAsync(ended.GetProperty("scans")[0].GetProperty("overlay").GetString()!);
        await bridge.GetAsync("/api/tasks/1/result"); // Nothing was seen.

        var lines = await bridge.AuditAsync(3);

        Assert.Equal(["picture read", "result read", "task retry"], lines.Select(l => l.Action).Order());
        Assert.All(lines, line => Assert.Equal("Ada via this machine", line.Who));
        Assert.All(lines, line => Assert.StartsWith($"task {task.TaskNumber}", line.Subject, StringComparison.Ordinal));
        Assert.StartsWith("refused: The task is completed.", lines.Single(l => l.Action == "task retry").Outcome, StringComparison.Ordinal);
        AssertUnbroken(lines);
    }

    [Theory]
    [InlineData("UPDATE audit SET Who = 'Eve' WHERE Number = 2")]
    [InlineData("UPDATE audit SET Outcome = 'no' WHERE Number = 2")]
    [InlineData("UPDATE audit SET At = At + 1 WHERE Number = 2")]
    [InlineData("UPDATE audit SET Hash = zeroblob(32) WHERE Number = 2")]
    public async Task A_line_that_is_changed_in_the_database_breaks_the_chain(string change)
    {
        await using var bridge = await TestBridge.StartAsync();
        await ReadThriceAsync(bridge);

        await using var database = await bridge.DatabaseAsync();
        await database.Database.ExecuteSqlRawAsync("DROP TRIGGER audit_is_kept", Token);
        await database.Database.ExecuteSqlRawAsync(change, Token);

        Assert.Equal("line 2 was changed", FirstBreak(await bridge.AuditAsync(3)));
    }

    [Fact]
    public async Task A_line_that_is_removed_or_moved_breaks_the_chain()
    {
        await using var bridge = await TestBridge.StartAsync();
        await ReadThriceAsync(bridge);
        var lines = await bridge.AuditAsync(3);

        Assert.Null(FirstBreak(lines));
        Assert.Equal("after line 1 comes line 3", FirstBreak([lines[0], lines[2]]));
        lines[2].Number = 2;
        Assert.Equal("line 2 does not continue line 1: one of them was changed", FirstBreak([lines[0], lines[2]]));
    }

    [Fact]
    public async Task The_database_itself_refuses_to_change_a_line()
    {
        await using var bridge = await TestBridge.StartAsync();
        await ReadThriceAsync(bridge);
        await using var database = await bridge.DatabaseAsync();

        var refused = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => database.Database.ExecuteSqlRawAsync("UPDATE audit SET Who = 'Eve'", Token));

        Assert.Contains("never changed", refused.Message, StringComparison.Ordinal);
    }

    static async Task ReadThriceAsync(TestBridge bridge)
    {
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/result")).StatusCode);
        await bridge.AuditAsync(3);
    }

    static string? FirstBreak(IReadOnlyList<AuditEntry> lines) => lines.Select((line, i) => AuditChain.Break(i == 0 ? null : lines[i - 1], line)).FirstOrDefault(why => why is not null);

    static void AssertUnbroken(IReadOnlyList<AuditEntry> lines) => Assert.Null(FirstBreak(lines));
}
