using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Slidebridge.Tasks;

namespace Slidebridge.Telemetry;

/// <summary>Adds OpenTelemetry: <c>/metrics</c> always, and everything to a collector if one is configured.</summary>
static class TelemetryServices
{
    /// <summary>Adds the bridge's meters, and .NET's own (<c>System.Runtime</c>): memory and processor time of this process, garbage collection, thread pool.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder, TelemetryOptions options, NodeOptions node)
    {
        // OpenTelemetry's own variables (headers, sampling, intervals): the bridge has no settings for these.
        builder.Configuration.AddInMemoryCollection(OwnVariables());
        builder.Services.AddSingleton<TaskGauges>();
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("slidebridge", serviceVersion: typeof(TelemetryServices).Assembly.GetName().Version?.ToString(3), autoGenerateServiceInstanceId: false, serviceInstanceId: node.Name))
            .WithMetrics(metrics => metrics.AddMeter(TaskTelemetry.Name, TaskGauges.Name, "System.Runtime").AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false));
        if (options.Endpoint is not { } endpoint) return;
        telemetry.WithTracing(tracing => tracing.AddSource(TaskTelemetry.Name)).WithLogging().UseOtlpExporter(options.Protocol, endpoint);
    }

    static IEnumerable<KeyValuePair<string, string?>> OwnVariables() => Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
        .Select(v => KeyValuePair.Create((string)v.Key, (string?)v.Value)).Where(v => v.Key.StartsWith("OTEL_", StringComparison.Ordinal));
}
