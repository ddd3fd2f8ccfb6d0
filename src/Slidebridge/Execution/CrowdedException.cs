using Slidebridge.Slides;

namespace Slidebridge.Execution;

/// <summary>A task whose slides are slow, while too many such tasks wait already. The wait is no fault of the task's.</summary>
sealed class CrowdedException : SlideSourceException
{
    public CrowdedException(string host) : base(
        SlideSourceFailure.Unreachable, $"The slides at {host} are slow to come, and as many tasks as may be wait for such slides already.", isTransient: true) => Origin = FailureOrigin.Machine;
}
