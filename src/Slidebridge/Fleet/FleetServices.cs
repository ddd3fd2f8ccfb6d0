using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Slidebridge.Fleet.Engines;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Storage;
using Slidebridge.Workers;

namespace Slidebridge.Fleet;

/// <summary>Registers the fleet. Without the section <c>fleet</c> nothing runs.</summary>
static class FleetServices
{
    public static IServiceCollection AddFleet(this IServiceCollection services, FleetOptions options)
    {
        services.AddSingleton(options).AddSingleton<IKeptWorkers, KeptWorkers>().AddSingleton<FleetStatus>();
        return options.IsAny ? services.AddSingleton<FleetGauges>() : services;
    }

    /// <summary>On the nodes that run jobs: one of them runs the controller.</summary>
    public static IServiceCollection AddFleetControl(this IServiceCollection services, FleetOptions options)
    {
        services.AddTransient<FleetJob>(); // Also without a fleet: an earlier start may have scheduled it.
        if (!options.IsAny) return services;
        services.AddSingleton<FleetBooks>().AddSingleton(s => new FleetEngines(options, new EngineServices(s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<FleetEngines>>()) { Address = () => OwnAddress(s), MakeToken = group => TokenAsync(s, group), Logs = s.GetRequiredService<DataDirectory>().File("fleet") }));
        return services.AddSingleton<FleetController>().AddHostedService<FleetSchedule>();
    }

    /// <summary>A worker that runs for longer gets a new one with its next start.</summary>
    static readonly TimeSpan TokenLife = TimeSpan.FromDays(30);

    static async Task<string> TokenAsync(IServiceProvider services, string group)
    {
        var (_, text, refused) = await services.GetRequiredService<AccessTokens>().AddAsync(
            $"fleet-{FleetNames.New(group)}", Role.Worker, [], services.GetRequiredService<TimeProvider>().GetUtcNow() + TokenLife, new Caller("fleet", Role.Admin, [], null), [group]);
        return refused is null ? text : throw new FleetEngineException($"no token could be made for its workers: {refused}");
    }

    static Uri? OwnAddress(IServiceProvider services) => services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address
        ? new Uri(address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal)) : null;
}
