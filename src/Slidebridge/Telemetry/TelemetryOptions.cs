using OpenTelemetry.Exporter;

namespace Slidebridge.Telemetry;

/// <summary>Where traces, metrics and logs are sent, beside <c>/metrics</c>, which is always there.</summary>
/// <param name="Endpoint">The collector, or null: then nothing is sent.</param>
/// <param name="Protocol">How it is spoken to.</param>
sealed record TelemetryOptions(Uri? Endpoint, OtlpExportProtocol Protocol)
{
    /// <summary>The port that collectors take OTLP over HTTP on; every other is taken for gRPC (OpenTelemetry, OTLP 1.0).</summary>
    const int HttpPort = 4318;

    /// <param name="set">The setting; without it, OpenTelemetry's own variable holds.</param>
    public static TelemetryOptions From(Uri? set)
    {
        var endpoint = set ?? (Uri.TryCreate(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"), UriKind.Absolute, out var common) ? common : null);
        var protocol = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL");
        return new TelemetryOptions(endpoint, protocol == "http/protobuf" || (protocol is null && endpoint?.Port == HttpPort) ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc);
    }
}
