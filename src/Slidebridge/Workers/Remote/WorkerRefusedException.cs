namespace Slidebridge.Workers.Remote;

/// <summary>The bridge gives this worker no tasks, and says why. A retry does not help.</summary>
sealed class WorkerRefusedException(string why) : SlidebridgeException(why);

/// <summary>The bridge could not be reached for as long as the worker waits for it.</summary>
sealed class BridgeAwayException : SlidebridgeException
{
    public BridgeAwayException(string why) : base(why) => IsTransient = true;
}
