using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Events;

/// <summary>Registers events. Without a receiver, commits record none and nothing runs; and without a queue, nothing of the AWS SDK is loaded.</summary>
static class EventServices
{
    public static IServiceCollection AddEvents(this IServiceCollection services, EventOptions options)
    {
        services.AddSingleton(options).AddSingleton<EventOutbox>();
        if (!options.IsAny) return services;
        services.AddSingleton<ICommitRows>(s => s.GetRequiredService<EventOutbox>()).AddSingleton<Outbox>().AddSingleton<EventGauges>();
        if (options.Url is { } url) services.AddSingleton(s => SenderOf(s, new WebhookSink(url, s.GetRequiredService<TimeProvider>())));
        if (options.Sqs is { } sqs) services.AddSingleton(s => SenderOf(s, new SqsSink(sqs)));
        return services.AddSingleton<EventSending>().AddHostedService(s => s.GetRequiredService<EventSending>());
    }

    static EventSender SenderOf(IServiceProvider services, IEventSink sink) =>
        new(sink, services.GetRequiredService<Outbox>(), services.GetRequiredService<EventOptions>(), services.GetRequiredService<NodeOptions>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<EventSender>>());
}
