using System.Net;
using Slidebridge.Hosting;
using Slidebridge.Staging;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Staging;

public sealed class FreeSpaceTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_system_is_asked_at_most_once_a_second_and_the_directory_is_named()
    {
        var (asked, free) = (0, 5_000_000L);
        var clock = new SteppedClock();
        var space = new FreeSpace(new FreeSpaceOptions(10_000_000, ["/data"]), clock, _ =>
        {
            asked++;
            return free;
        });
        Assert.StartsWith("The disk of /data has only 5 MB free, but 10 MB must stay free (--min-free)", space.Shortage, StringComparison.Ordinal);
        free = 20_000_000;
        Assert.NotNull(space.Shortage);
        Assert.Equal(1, asked);
        clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(space.Shortage);
        Assert.Equal(2, asked);
    }

    [Fact]
    public void What_the_system_does_not_say_is_no_shortage() =>
        Assert.Null(new FreeSpace(new FreeSpaceOptions(1, ["/no/such/directory"]), TimeProvider.System).Shortage);

    [Fact]
    public async Task On_a_disk_that_is_nearly_full_the_webhook_asks_to_wait_and_health_says_why_until_there_is_room_again()
    {
        using var disk = TemporaryDisk.Mount(64_000_000);
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.StagingDirectory, disk.Path), (ServeSettings.MinFree, "20MB")]);
        await bridge.CompleteAsync(await bridge.RequestAsync());

        var filler = Path.Combine(disk.Path, "filler");
        await File.WriteAllBytesAsync(filler, new byte[50_000_000], Token);
        var task = await bridge.PrepareAsync();
        var refused = await UntilAsync(() => bridge.PostAsync(task.Body), answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(60), refused.Headers.RetryAfter!.Delta);
        Assert.Contains("--min-free", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        var health = await bridge.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("--min-free", await health.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        File.Delete(filler);
        await UntilAsync(() => bridge.PostAsync(task.Body), answer => answer.StatusCode == HttpStatusCode.OK);
        await bridge.CompleteAsync(task);
    }

    static async Task<HttpResponseMessage> UntilAsync(Func<Task<HttpResponseMessage>> ask, Func<HttpResponseMessage, bool> holds)
    {
        while (true)
        {
            var answer = await ask();
            if (holds(answer)) return answer;
            await Task.Delay(50, Token);
        }
    }

    sealed class SteppedClock : TimeProvider
    {
        long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Pass(TimeSpan time) => now += time.Ticks;
    }
}
