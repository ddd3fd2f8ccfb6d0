using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Slidebridge.Simulator;

/// <summary>The simulator's options.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The port; 0 chooses any free port.</summary>
    public int Port { get; init; } = 9000;

    /// <summary>The address to listen on; by default, only this machine can connect.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>The folder that contains the slides.</summary>
    public required string SlidesDirectory { get; init; }

    /// <summary>The API key's id.</summary>
    public string ApiKeyId { get; init; } = "local-id";

    /// <summary>The API key's secret.</summary>
    public string ApiKeySecret { get; init; } = "local-secret";

    /// <summary>The lifetime of an API key's token.</summary>
    public TimeSpan KeyTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The lifetime of a task's own token.</summary>
    public TimeSpan TaskTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The lifetime of a presigned URL, if the request does not set one.</summary>
    public TimeSpan UrlLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The first task's number; null: derived from the clock. A bridge may keep running when the simulator is restarted, and must not confuse new tasks with tasks that it knows.
    /// </summary>
    public long? FirstTask { get; init; }

    /// <summary>Called for every event; it must be fast and thread-safe.</summary>
    public Action<SimulatorEvent>? OnEvent { get; init; }

    /// <summary>Adds services that <see cref="Configure"/> needs.</summary>
    public Action<IServiceCollection>? AddServices { get; init; }

    /// <summary>Adds to the web server before it starts, such as pages; null: the simulator is an API alone.</summary>
    public Action<WebApplication>? Configure { get; init; }

    /// <summary>The clock for expiry times.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Overridden because a record prints all members, and the secret must not be printed.</summary>
    public override string ToString() => $"simulator on port {Port}";
}

/// <summary>An event of the simulator.</summary>
/// <param name="At">The time.</param>
/// <param name="What">A description in one line.</param>
public sealed record SimulatorEvent(DateTimeOffset At, string What)
{
    /// <inheritdoc/>
    public override string ToString() => What;
}
