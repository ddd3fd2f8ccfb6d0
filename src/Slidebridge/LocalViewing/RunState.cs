using System.Text.Json.Serialization;

namespace Slidebridge.LocalViewing;

/// <summary>What the page shows of the classifier.</summary>
/// <param name="Text">A sentence, or an error in several lines; empty: nothing to say.</param>
/// <param name="IsFailed">The last run failed.</param>
/// <param name="Result">The number of the newest result; 0: there is none yet.</param>
sealed record RunState(string Text, bool IsFailed, int Result);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunState))]
sealed partial class RunStateJson : JsonSerializerContext;
