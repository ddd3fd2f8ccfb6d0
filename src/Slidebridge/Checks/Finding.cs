using System.Text.Json.Serialization;

namespace Slidebridge.Checks;

/// <summary>The state of something that a bridge needs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Health>))]
enum Health
{
    [JsonStringEnumMemberName("ok")] Ok,

    /// <summary>A bridge runs without it, with restrictions.</summary>
    [JsonStringEnumMemberName("warning")] Warning,

    [JsonStringEnumMemberName("missing")] Missing,
}

/// <param name="Health">The state.</param>
/// <param name="What">What was checked.</param>
/// <param name="Description">The state in a sentence, or what to do.</param>
sealed record Finding(Health Health, string What, string Description);

/// <param name="At">When the check ended.</param>
/// <param name="Findings">What was found, in the order of the check.</param>
sealed record SetUpCheck(DateTimeOffset At, IReadOnlyList<Finding> Findings);
