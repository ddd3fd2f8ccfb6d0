using System.Globalization;
using System.Text.Json;
using Slidebridge.Simulator.Faults;
using Slidebridge.Web.Parts;

namespace Slidebridge.SimulatorPages;

/// <summary>Faults in words, and the ones that a page has ready.</summary>
static class FaultText
{
    /// <summary>Faults that a bridge meets in practice, with what they try.</summary>
    public static IReadOnlyList<(Fault Fault, string Sentence)> Presets { get; } =
    [
        (new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Reset, When = FaultMoment.After }, "The next result is stored, but its answer is lost: does the bridge post it twice?"),
        (new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 503, RetryAfter = 10, Times = 3 }, "The next three posts of results get 503 with Retry-After: 10."),
        (new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 400 }, "The next post of results is refused with 400."),
        (new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Status, Status = 503, Every = 5, Times = null }, "Every fifth request for a part of a slide gets 503."),
        (new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Cut, Every = 7, Times = null }, "Every seventh answer with a part of a slide ends in the middle."),
        (new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Delay, DelayMilliseconds = 500, Times = null }, "Each request for a part of a slide waits 0.5 s."),
        (new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Status, Status = 403, Times = null }, "Slides are refused with 403, as if their URLs had expired."),
        (new Fault { Endpoint = FaultEndpoint.Token, Action = FaultAction.Status, Status = 500, Times = 2 }, "The next two requests for a token get 500."),
        (new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Reset, Times = 2 }, "The bridge's next two questions whether a result has arrived are cut off."),
    ];

    public static string Of(FaultEndpoint endpoint) => endpoint switch
    {
        FaultEndpoint.Token => "token",
        FaultEndpoint.Results => "post of results",
        FaultEndpoint.Evaluations => "evaluations",
        FaultEndpoint.Case => "case (triage)",
        FaultEndpoint.GraphQl => "GraphQL",
        _ => "slides",
    };

    public static string Of(FaultAction action) => action switch
    {
        FaultAction.Status => "answers with the status",
        FaultAction.Delay => "waits",
        FaultAction.Reset => "resets the connection",
        _ => "cuts the answer in half",
    };

    /// <summary>What the fault does, in a few words.</summary>
    public static string What(Fault fault) => fault.Action switch
    {
        FaultAction.Status => $"answers {fault.Status}{(fault.RetryAfter is { } seconds ? $" with Retry-After: {seconds}" : "")}",
        FaultAction.Delay => $"waits {When.Length(TimeSpan.FromMilliseconds(fault.DelayMilliseconds))}",
        var action => Of(action),
    } + (fault.When is FaultMoment.After && fault.Action is not FaultAction.Cut ? ", after its work" : "");

    public static string HowOften(Fault fault) => string.Join(", ", new[]
    {
        fault.Times switch { null => "always", 1 => "once", { } times => $"{times} times" },
        fault.Every > 1 ? $"each {fault.Every}th call" : null,
        fault.Skip > 0 ? $"after {fault.Skip} calls" : null,
        fault.Probability < 1 ? $"{(100 * fault.Probability).ToString("0.#", CultureInfo.InvariantCulture)} % of calls" : null,
    }.OfType<string>());

    /// <summary>As the simulator's API takes it.</summary>
    public static string Json(Fault fault) => JsonSerializer.Serialize(fault, FaultJson.Default.Fault);

    /// <summary>A name as the API takes it.</summary>
    public static string Name(FaultEndpoint endpoint) => JsonSerializer.Serialize(endpoint, FaultJson.Default.FaultEndpoint).Trim('"');

    /// <inheritdoc cref="Name(FaultEndpoint)"/>
    public static string Name(FaultAction action) => JsonSerializer.Serialize(action, FaultJson.Default.FaultAction).Trim('"');
}
