namespace Slidebridge.Fuzz.Running;

/// <summary>What a case may cost.</summary>
static class FuzzLimits
{
    public const double Milliseconds = 2000;

    public const long Bytes = 512L * 1024 * 1024;

    /// <summary>What a case cost too much of, or null.</summary>
    public static string? Exceeded(CaseResult result) =>
        result.Milliseconds > Milliseconds ? $"slow: {result.Milliseconds:0} ms; at most {Milliseconds:0}."
        : result.Allocated > Bytes ? $"memory: {result.Allocated >> 20} MB were allocated; at most {Bytes >> 20}."
        : result.Peak > Bytes ? $"memory: the process grew by {result.Peak >> 20} MB; at most {Bytes >> 20}."
        : null;
}
