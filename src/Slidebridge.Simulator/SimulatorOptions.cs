using System.Net;

namespace Slidebridge.Simulator;

/// <summary>How the stand-in is set up.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The port; 0 takes any free one.</summary>
    public int Port { get; init; } = 9000;

    /// <summary>The address to listen on: this machine only, where none is given.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>The folder of the slides that requests are made for.</summary>
    public required string SlidesDirectory { get; init; }

    /// <summary>The API key's id.</summary>
    public string ApiKeyId { get; init; } = "local-id";

    /// <summary>The API key's secret.</summary>
    public string ApiKeySecret { get; init; } = "local-secret";

    /// <summary>How long an API key's token is good for.</summary>
    public TimeSpan KeyTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a task's own token is good for.</summary>
    public TimeSpan TaskTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a presigned URL is good for, where the request does not say.</summary>
    public TimeSpan UrlLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The first task's number; null: from the clock, for a bridge that outlives this stand-in must not take its next run's tasks for those that it knows.
    /// </summary>
    public long? FirstTask { get; init; }

    /// <summary>Called for everything that happens; it must be quick and safe to call from several threads.</summary>
    public Action<SimulatorEvent>? OnEvent { get; init; }

    /// <summary>The clock of expiries.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Records print their members: the secret is not one to print.</summary>
    public override string ToString() => $"simulator on port {Port}";
}

/// <summary>Something that happened on the stand-in.</summary>
/// <param name="At">When.</param>
/// <param name="What">What, in one line.</param>
public sealed record SimulatorEvent(DateTimeOffset At, string What)
{
    /// <inheritdoc/>
    public override string ToString() => What;
}
