using Slidebridge.Commands;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class DoctorCommandTests
{
    static Task<Ran> RunAsync(string platform, TemporaryFolder folder, params string[] arguments) =>
        Ran.AsAsync(DoctorCommand.Create(Bridge.CreateBuilder([])), ["--platform-url", platform, "--data", folder.File("data"), .. arguments]);

    [Fact]
    public async Task A_machine_that_has_everything_is_told_so_and_nothing_is_left_behind()
    {
        await using var bridge = await TestBridge.StartAsync();
        using var folder = new TemporaryFolder();
        var (code, told, _) = await RunAsync(bridge.Platform.Address.GetLeftPart(UriPartial.Authority), folder,
            "--api-key-id", "local-id", "--api-key-secret", "local-secret", "--classifier", "tissue", "--public-url", bridge.Address.ToString());
        Assert.True(code == 0, told);
        foreach (var line in new[] { "ok       platform  127.0.0.1 answers", "ok       API key  the platform returned a token", "ok       clock", "ok       classifier tissue  ready after", "warning  webhook  a bridge answers at 127.0.0.1, but its address is private", "A bridge can run here." })
            Assert.Contains(line, told, StringComparison.Ordinal);
        Assert.DoesNotContain("local-secret", told, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("data")));
    }

    [Fact]
    public async Task The_receivers_of_events_are_called_without_an_event()
    {
        QueueDouble.GiveCredentials();
        await using var bridge = await TestBridge.StartAsync();
        await using var receiver = await EventReceiver.StartAsync();
        await using var queue = await QueueDouble.StartAsync("events.fifo");
        using var folder = new TemporaryFolder();
        receiver.Answer = (_, _) => throw new InvalidOperationException("An event was sent.");
        Task<Ran> WithAsync(Uri url, Uri sqs) => RunAsync(bridge.Platform.Address.GetLeftPart(UriPartial.Authority), folder, "--events-url", url.ToString(), "--events-secret", EventReceiver.Secret, "--events-sqs", sqs.ToString());
        var (_, told, _) = await WithAsync(receiver.Address, queue.Url);
        Assert.Contains("ok       events  127.0.0.1 answers; no event was sent", told, StringComparison.Ordinal);
        Assert.Contains("ok       events queue  SQS answers for the queue", told, StringComparison.Ordinal);
        Assert.Empty(queue.Messages);
        Assert.Empty(queue.Wrong);

        (_, told, _) = await WithAsync(new Uri("http://127.0.0.1:9/"), new Uri("http://127.0.0.1:9/123456789012/events"));
        Assert.Contains("warning  events  127.0.0.1 cannot be reached: Connection refused. Events are kept and tried again for --events-window", told, StringComparison.Ordinal);
        Assert.Contains("warning  events queue  the queue could not be checked: SQS could not be reached: Connection refused", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_told_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var (code, told, _) = await RunAsync("http://127.0.0.1:9", folder, "--classifier", "exec:no-such-program", "--public-url", "http://127.0.0.1:9", "--min-free", "900TB", "--database", "Host=127.0.0.1;Port=9;Username=x;Timeout=2");
        Assert.True(code == 1, told);
        foreach (var line in new[]
        {
            "MISSING  platform  127.0.0.1 cannot be reached: Connection refused.", "MISSING  classifier exec:no-such-program", "no-such-program: not found", "MISSING  webhook  127.0.0.1 cannot be reached",
            "MISSING  database  PostgreSQL cannot be used", "MISSING  data directory", "6 problems must be fixed before a bridge can run here.",
        })
            Assert.Contains(line, told, StringComparison.Ordinal);
    }
}
