using Slidebridge.Slides;

namespace Slidebridge.Execution;

/// <summary>The task's slides are slow, and the maximum of such tasks is already waiting. The wait is not the task's fault.</summary>
sealed class CrowdedException : SlideSourceException
{
    public CrowdedException(string host) : base(
        SlideSourceFailure.Unreachable, $"The slides at {host} load slowly, and the maximum number of tasks already waits for slow slides.", isTransient: true) => Origin = FailureOrigin.Machine;
}
