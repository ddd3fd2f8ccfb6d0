using System.Net;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.EndToEnd;

public sealed class FullDiskTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task On_a_full_disk_a_task_is_not_acknowledged_and_none_that_was_is_lost_or_failed(bool waiting)
    {
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var folder = Files.Temporary();
        // Where the slides stall, the disk fills with waiting tasks; where not, it is full in the middle of their runs too.
        if (waiting) platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Delay, DelayMilliseconds = 60_000, Times = null });
        IReadOnlyList<SimulatedTask> tasks;
        await using (var serve = await ServeProcess.StartAsync(platform.Address, folder.Path, more: ["--keep-unknown-fields", "yes"], disk: 3000))
        {
            tasks = await platform.RequestAsync(new AiRequest
            {
                Slides = [Files.RealSlide],
                Webhook = new Uri(serve.Address, "/webhook").ToString(),
                Count = 30,
                Connections = 1,
                Extra = new() { ["more"] = new string('x', 100_000) },
            }, Token);
        }
        var acknowledged = tasks.Where(t => t.Webhook!.Status == (int)HttpStatusCode.OK).ToArray();
        Assert.InRange(acknowledged.Length, 1, 29);
        Assert.All(tasks.Except(acknowledged), t => Assert.Equal((int)HttpStatusCode.ServiceUnavailable, t.Webhook!.Status));

        platform.Faults.Clear();
        await using var again = await ServeProcess.StartAsync(platform.Address, folder.Path, more: ["--delivery-settle", "1s"]);
        while (await again.CountAsync("completed") < acknowledged.Length) await Task.Delay(20, Token);
        Assert.Equal(acknowledged.Select(t => t.TaskNumber).Order(), platform.State.Evaluations.Select(e => e.TaskNumber).Order());
    }
}
