using System.Text.Json.Serialization;

namespace Slidebridge.Simulator.Faults;

/// <summary>The endpoint that a fault affects.</summary>
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

/// <summary>The kind of a fault.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultAction>))]
public enum FaultAction
{
    /// <summary>Answers with a given status.</summary>
    [JsonStringEnumMemberName("status")] Status,

    /// <summary>Waits.</summary>
    [JsonStringEnumMemberName("delay")] Delay,

    /// <summary>Resets the connection without an answer.</summary>
    [JsonStringEnumMemberName("reset")] Reset,

    /// <summary>Sends the headers and half of the body, then closes the connection; resets it if the answer has no body.</summary>
    [JsonStringEnumMemberName("cut")] Cut,
}

/// <summary>When a fault happens.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultMoment>))]
public enum FaultMoment
{
    /// <summary>Before the endpoint's work.</summary>
    [JsonStringEnumMemberName("before")] Before,

    /// <summary>After the endpoint's work: results are committed, but the caller does not get the answer.</summary>
    [JsonStringEnumMemberName("after")] After,
}

/// <summary>A planned fault.</summary>
/// <remarks>Its members have setters, not <c>init</c>: the generated JSON reader would ignore their defaults.</remarks>
public sealed record Fault
{
    /// <summary>The affected endpoint.</summary>
    [JsonPropertyName("endpoint")]
    public required FaultEndpoint Endpoint { get; set; }

    /// <summary>The kind of fault.</summary>
    [JsonPropertyName("action")]
    public required FaultAction Action { get; set; }

    /// <summary>Before or after the endpoint's work; a cut always happens after it.</summary>
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

    /// <summary>How many times it happens; null: always.</summary>
    [JsonPropertyName("times")]
    public int? Times { get; set; } = 1;

    /// <summary>Affects only every n-th call; 1: every call.</summary>
    [JsonPropertyName("every")]
    public int Every { get; set; } = 1;

    /// <summary>The number of calls to skip at the beginning.</summary>
    [JsonPropertyName("skip")]
    public int Skip { get; set; }

    /// <summary>The share of the remaining calls that is affected, 0 to 1, chosen at random with <see cref="Seed"/>.</summary>
    [JsonPropertyName("probability")]
    public double Probability { get; set; } = 1;

    /// <summary>The seed of the random choice: the same seed gives the same choices.</summary>
    [JsonPropertyName("seed")]
    public int Seed { get; set; }

    /// <summary>The problem with this fault's own values, or null.</summary>
    internal string? Problem() =>
        !Enum.IsDefined(Endpoint) ? "endpoint must be token, results, evaluations, case, graphql or slides"
        : !Enum.IsDefined(Action) ? "action must be status, delay, reset or cut"
        : !Enum.IsDefined(When) ? "when must be before or after"
        : Status is < 200 or > 599 ? "status must be 200 to 599"
        : RetryAfter is < 0 ? "retry_after must be 0 or more seconds"
        : DelayMilliseconds is < 0 or > 600_000 ? "delay_ms must be 0 to 600000"
        : Times is < 1 ? "times must be 1 or more, or null for always"
        : Every < 1 ? "every must be 1 or more"
        : Skip < 0 ? "skip must be 0 or more"
        : Probability is < 0 or > 1 ? "probability must be 0 to 1"
        : null;
}
