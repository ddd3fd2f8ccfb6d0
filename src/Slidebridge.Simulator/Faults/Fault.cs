using System.Text.Json.Serialization;

namespace Slidebridge.Simulator.Faults;

/// <summary>Which endpoint a fault befalls.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultEndpoint>))]
public enum FaultEndpoint
{
    /// <summary><c>POST /api/v3/token</c>.</summary>
    [JsonStringEnumMemberName("token")] Token,

    /// <summary><c>POST /api/v3/external/results/…</c>.</summary>
    [JsonStringEnumMemberName("results")] Results,

    /// <summary><c>GET /api/v3/external/case_evaluations/…</c>.</summary>
    [JsonStringEnumMemberName("evaluations")] Evaluations,

    /// <summary><c>PATCH /api/v3/external/case/…</c>.</summary>
    [JsonStringEnumMemberName("case")] Case,

    /// <summary><c>POST /api/graphql</c>.</summary>
    [JsonStringEnumMemberName("graphql")] GraphQl,

    /// <summary>The slides.</summary>
    [JsonStringEnumMemberName("slides")] Slides,
}

/// <summary>What goes wrong.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultAction>))]
public enum FaultAction
{
    /// <summary>An answer of this status.</summary>
    [JsonStringEnumMemberName("status")] Status,

    /// <summary>A wait.</summary>
    [JsonStringEnumMemberName("delay")] Delay,

    /// <summary>The connection is reset without an answer.</summary>
    [JsonStringEnumMemberName("reset")] Reset,

    /// <summary>The answer's headers and half of its body, then the connection is closed; a reset where the answer has no body.</summary>
    [JsonStringEnumMemberName("cut")] Cut,
}

/// <summary>When it goes wrong.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultMoment>))]
public enum FaultMoment
{
    /// <summary>Before the endpoint does anything.</summary>
    [JsonStringEnumMemberName("before")] Before,

    /// <summary>After it has done its work: results are committed, and the caller does not learn it.</summary>
    [JsonStringEnumMemberName("after")] After,
}

/// <summary>Something that goes wrong on demand.</summary>
/// <remarks>Its members have setters, not <c>init</c>: the generated reader of JSON would leave out their defaults.</remarks>
public sealed record Fault
{
    /// <summary>Where.</summary>
    [JsonPropertyName("endpoint")]
    public required FaultEndpoint Endpoint { get; set; }

    /// <summary>What.</summary>
    [JsonPropertyName("action")]
    public required FaultAction Action { get; set; }

    /// <summary>Before or after the endpoint's work; a cut is always after.</summary>
    [JsonPropertyName("when")]
    public FaultMoment When { get; set; }

    /// <summary>The status of <see cref="FaultAction.Status"/>.</summary>
    [JsonPropertyName("status")]
    public int Status { get; set; } = 500;

    /// <summary>The <c>Retry-After</c> header of that answer, in seconds, or null.</summary>
    [JsonPropertyName("retry_after")]
    public int? RetryAfter { get; set; }

    /// <summary>The wait of <see cref="FaultAction.Delay"/>, in milliseconds.</summary>
    [JsonPropertyName("delay_ms")]
    public int DelayMilliseconds { get; set; } = 1000;

    /// <summary>How often it happens; null: always.</summary>
    [JsonPropertyName("times")]
    public int? Times { get; set; } = 1;

    /// <summary>Only every so many calls.</summary>
    [JsonPropertyName("every")]
    public int Every { get; set; } = 1;

    /// <summary>Not for the first so many calls.</summary>
    [JsonPropertyName("skip")]
    public int Skip { get; set; }

    /// <summary>Of the calls that are left, this part, drawn by <see cref="Seed"/>.</summary>
    [JsonPropertyName("probability")]
    public double Probability { get; set; } = 1;

    /// <summary>The seed of the draw: the same seed, the same draws.</summary>
    [JsonPropertyName("seed")]
    public int Seed { get; set; }

    /// <summary>What is wrong with the fault itself, or null.</summary>
    internal string? Problem() =>
        !Enum.IsDefined(Endpoint) ? "endpoint: token, results, evaluations, case, graphql or slides is expected"
        : !Enum.IsDefined(Action) ? "action: status, delay, reset or cut is expected"
        : !Enum.IsDefined(When) ? "when: before or after is expected"
        : Status is < 200 or > 599 ? "status: 200 to 599 is expected"
        : RetryAfter is < 0 ? "retry_after: 0 or more seconds are expected"
        : DelayMilliseconds is < 0 or > 600_000 ? "delay_ms: 0 to 600000 is expected"
        : Times is < 1 ? "times: 1 or more is expected, or null for always"
        : Every < 1 ? "every: 1 or more is expected"
        : Skip < 0 ? "skip: 0 or more is expected"
        : Probability is < 0 or > 1 ? "probability: 0 to 1 is expected"
        : null;
}
