using System.Diagnostics;

namespace Slidebridge.Tasks;

/// <summary>A stage of a run; disposing it ends the stage.</summary>
sealed class TaskStage(Activity? span, string name) : IDisposable
{
    public const string Verify = "verify", Open = "open", Wait = "wait", Classify = "classify", Validate = "validate", Save = "save", Look = "look", Post = "post";

    /// <summary>In the order in which they happen; <see cref="Look"/> only if it is not known how a post ended.</summary>
    public static readonly IReadOnlyList<string> All = [Verify, Open, Wait, Classify, Validate, Save, Look, Post];

    readonly long started = Stopwatch.GetTimestamp();

    public void Dispose()
    {
        TaskTelemetry.StageTook(name, Stopwatch.GetElapsedTime(started));
        span?.Dispose();
    }
}
