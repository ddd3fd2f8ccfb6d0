using System.Globalization;
using Slidebridge.Storage;

namespace Slidebridge.Events;

/// <summary>Runs the senders of this node.</summary>
sealed class EventSending(IEnumerable<EventSender> senders, EventOutbox outbox, DatabaseOptions database, TimeProvider time) : BackgroundService
{
    /// <summary>Longer than a receiver needs to restart.</summary>
    static readonly TimeSpan TroubleAfter = TimeSpan.FromMinutes(5);

    readonly EventSender[] senders = [.. senders];

    /// <summary>Which receiver has accepted nothing for long, in a sentence; null: none.</summary>
    public string? Trouble => senders.Select(TroubleOf).FirstOrDefault(text => text is not null);

    string? TroubleOf(EventSender sender) => sender.State.Failing is { } failing && (sender.State.IsGone || time.GetUtcNow() - failing.Since >= TroubleAfter)
        ? string.Create(CultureInfo.InvariantCulture, $"{sender.Description} has accepted no events since {failing.Since:yyyy-MM-dd HH:mm:ss} UTC: {failing.Why}.") : null;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var sender in senders) outbox.Added += sender.Wake;
        return Task.WhenAll(senders.Select(sender => sender.RunAsync(isAlone: database.Postgres is null, stoppingToken)));
    }
}
