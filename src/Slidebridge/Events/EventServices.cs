using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Events;

/// <summary>Registers events. Without a receiver, commits record none and nothing runs; and without a queue, the client of SQS is not loaded.</summary>
static class EventServices
{
    public static IServiceCollection AddEvents(this IServiceCollection services, EventOptions options)
    {
        services.AddEventOutbox(options);
        if (!options.IsAny) return services;
        services.AddSingleton<Outbox>().AddSingleton<EventGauges>();
        if (options.Url is { } url) services.AddSingleton(s => SenderOf(s, new WebhookSink(url, s.GetRequiredService<TimeProvider>())));
        if (options.Sqs is { } sqs) services.AddSingleton(s => SenderOf(s, new SqsSink(sqs)));
        return services.AddSingleton<EventSending>().AddHostedService(s => s.GetRequiredService<EventSending>());
    }

    /// <summary>Records events, and does not send them: for commands that change tasks in their database.</summary>
    public static IServiceCollection AddEventOutbox(this IServiceCollection services, EventOptions options)
    {
        services.AddSingleton(options).AddSingleton<EventOutbox>();
        return options.IsAny ? services.AddSingleton<ICommitRows>(s => s.GetRequiredService<EventOutbox>()) : services;
    }

    static EventSender SenderOf(IServiceProvider services, IEventSink sink) =>
        new(sink, services.GetRequiredService<Outbox>(), services.GetRequiredService<EventOptions>(), services.GetRequiredService<NodeOptions>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<EventSender>>());
}
