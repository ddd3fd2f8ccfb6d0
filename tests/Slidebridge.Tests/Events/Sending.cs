using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Events;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Events;

/// <summary>The outbox on a real SQLite file and one sender, whose waits are milliseconds. Its events are those of groups, each with its number.</summary>
sealed class Sending : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    readonly ServiceProvider services;
    readonly CancellationTokenSource stopping = new();
    readonly EventOptions options;
    Task running = Task.CompletedTask;

    Sending(EventOptions options, IEventSink sink)
    {
        this.options = options;
        var data = new DataDirectory(folder.File("data"));
        services = new ServiceCollection().AddSingleton(_ => data).AddTaskStorage(new DatabaseOptions(Postgres: null), data).AddSingleton(TimeProvider.System).AddSingleton(options)
            .AddSingleton<EventOutbox>().AddSingleton<ICommitRows>(s => s.GetRequiredService<EventOutbox>()).AddSingleton<CommitQueue>().AddSingleton<Outbox>().BuildServiceProvider();
        _ = services.GetRequiredService<DataDirectory>();
        Sender = new EventSender(sink, services.GetRequiredService<Outbox>(), options, NodeOptions.Observer, TimeProvider.System, NullLogger.Instance);
    }

    public EventSender Sender { get; }

    public CommitQueue Commits => services.GetRequiredService<CommitQueue>();

    public static async Task<Sending> StartAsync(EventReceiver receiver, TimeSpan? window = null, TimeSpan? timeout = null, TimeSpan? longest = null)
    {
        var url = new EventUrl(receiver.Address, [EventReceiver.Secret]) { Timeout = timeout ?? TimeSpan.FromSeconds(20) };
        return await StartAsync(new EventOptions(url, null, window ?? TimeSpan.FromHours(24), Quick(longest)), new WebhookSink(url, TimeProvider.System));
    }

    public static async Task<Sending> StartAsync(EventOptions options, IEventSink sink)
    {
        var sending = new Sending(options, sink);
        await TaskStorage.PrepareAsync(sending.services.GetRequiredService<IDbContextFactory<TaskDatabase>>(), TestContext.Current.CancellationToken);
        sending.services.GetRequiredService<EventOutbox>().Added += sending.Sender.Wake;
        sending.Run();
        return sending;
    }

    public static Backoff Quick(TimeSpan? longest = null) => new(TimeSpan.FromMilliseconds(20), longest ?? TimeSpan.FromMilliseconds(200));

    void Run() => running = Sender.RunAsync(isAlone: true, stopping.Token);

    /// <summary>Records an event.</summary>
    public Task AddAsync(string group, int number) => Commits.CommitAsync(database =>
    {
        services.GetRequiredService<EventOutbox>().AddFleetNeeded(database, group, number);
        return Task.FromResult(true);
    });

    public async Task<List<OutgoingEvent>> RowsAsync()
    {
        await using var database = await services.GetRequiredService<IDbContextFactory<TaskDatabase>>().CreateDbContextAsync();
        return await database.Outbox.AsNoTracking().OrderBy(e => e.Id).ToListAsync();
    }

    /// <summary>Waits until the outbox has this many rows.</summary>
    public async Task UntilWaitingAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await RowsAsync()).Count != count)
        {
            Assert.False(patience.IsCancellationRequested, $"{(await RowsAsync()).Count} events wait");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>As when the bridge stops.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Sender.Dispose();
        stopping.Dispose();
        await services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Dispose();
    }
}
