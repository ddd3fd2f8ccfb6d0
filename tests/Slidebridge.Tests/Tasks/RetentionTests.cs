using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Tasks;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Tasks;

public sealed class RetentionTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_ended_task_left_is_deleted_after_its_time_and_its_row_and_events_stay()
    {
        await using var bridge = await TestBridge.StartAsync();
        var (old, young) = (await bridge.RequestAsync(), await bridge.RequestAsync());
        var before = await bridge.CompleteAsync(old);
        await bridge.CompleteAsync(young);
        var broken = await bridge.PrepareAsync();
        using var _ = await bridge.PostAsync(broken.Body.Replace("/slides/files_uuid/", "/slides/files_uuid/0", StringComparison.Ordinal));
        await bridge.FailAsync(broken);
        await AgeAsync(bridge, old.TaskNumber, broken.TaskNumber);

        await bridge.Services.GetRequiredService<Retention>().SweepAsync(Token);

        var scan = old.Scans[0].Id;
        Assert.Equal(HttpStatusCode.NotFound, (await bridge.GetAsync($"/api/tasks/{old.TaskNumber}/result")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await bridge.GetAsync($"/api/tasks/{old.TaskNumber}/scans/{scan}/overlay.png")).StatusCode);
        var after = await bridge.CompleteAsync(old);
        Assert.Equal(before.GetProperty("events").GetArrayLength(), after.GetProperty("events").GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, (await bridge.GetAsync($"/api/tasks/{young.TaskNumber}/result")).StatusCode);

        var row = await bridge.Services.GetRequiredService<TaskStore>().FindAsync(broken.TaskNumber, Token);
        Assert.Equal(TaskState.Failed, row!.State);
        Assert.Null(row.Request);
        Assert.Empty(row.Scans.SelectMany(s => s.Urls));

        // Without URLs there is nothing to begin anew with.
        using var retried = await bridge.Http.PostAsync(new Uri($"/api/tasks/{broken.TaskNumber}/retry", UriKind.Relative), null, Token);
        Assert.Equal(HttpStatusCode.Conflict, retried.StatusCode);
        Assert.Contains("URLs were deleted", await retried.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    static async Task AgeAsync(TestBridge bridge, params long[] numbers)
    {
        var ended = DateTimeOffset.UtcNow - TimeSpan.FromDays(31);
        await using var database = await bridge.Services.GetRequiredService<IDbContextFactory<TaskDatabase>>().CreateDbContextAsync(Token);
        await database.Tasks.Where(t => numbers.Contains(t.Number)).ExecuteUpdateAsync(set => set.SetProperty(t => t.EndedAt, ended).SetProperty(t => t.UpdatedAt, ended), Token);
    }
}
