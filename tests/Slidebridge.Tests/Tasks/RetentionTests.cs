using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Simulator.Faults;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Verification;

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
        Assert.Contains("URLs of its slides were deleted", await retried.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_webhook_that_waits_to_be_verified_outlives_the_row_it_waits_beside(bool isForged)
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.PrepareAsync();
        if (!isForged) bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 422 });
        await bridge.AssertTakenAsync(isForged ? task.WithSlideOf(new Uri("http://127.0.0.1:9/x"), "not.a.token") : task.Body);
        await bridge.UntilAsync(task, "failed");
        await AgeAsync(bridge, task.TaskNumber);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Status, Status = 503, Times = null });
        await bridge.AssertTakenAsync(task.Body);

        await bridge.Services.GetRequiredService<Retention>().ForgetUnconfirmedAsync(Token);
        await bridge.Services.GetRequiredService<Retention>().SweepAsync(Token);
        using (var deleted = await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/delete", UriKind.Relative), null, Token)) Assert.Equal(HttpStatusCode.Conflict, deleted.StatusCode);

        bridge.Platform.Faults.Clear();
        await bridge.UntilAsync(task, "completed");
        Assert.Single(bridge.EvaluationsOf(task));
    }

    static async Task AgeAsync(TestBridge bridge, params long[] numbers)
    {
        var ended = DateTimeOffset.UtcNow - TimeSpan.FromDays(31);
        await using var database = await bridge.Services.GetRequiredService<IDbContextFactory<TaskDatabase>>().CreateDbContextAsync(Token);
        await database.Tasks.Where(t => numbers.Contains(t.Number)).ExecuteUpdateAsync(set => set.SetProperty(t => t.EndedAt, ended).SetProperty(t => t.UpdatedAt, ended), Token);
    }
}
