using OpenTelemetry.Exporter;

namespace Slidebridge.Telemetry;

/// <summary>Where traces, metrics and logs are sent, in addition to <c>/metrics</c>, which is always available.</summary>
/// <param name="Endpoint">The collector, or null: then nothing is sent.</param>
/// <param name="Protocol">The collector's protocol.</param>
sealed record TelemetryOptions(Uri? Endpoint, OtlpExportProtocol Protocol)
{
    /// <summary>The collectors' port for OTLP over HTTP; for every other port the bridge uses gRPC (OpenTelemetry, OTLP 1.0).</summary>
    const int HttpPort = 4318;

    /// <param name="set">The setting; if it is null, OpenTelemetry's own variable is used.</param>
    public static TelemetryOptions From(Uri? set)
    {
        var endpoint = set ?? (Uri.TryCreate(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"), UriKind.Absolute, out var common) ? common : null);
        var protocol = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL");
        return new TelemetryOptions(endpoint, protocol == "http/protobuf" || (protocol is null && endpoint?.Port == HttpPort) ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc);
    }
}
