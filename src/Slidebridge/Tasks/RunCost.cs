namespace Slidebridge.Tasks;

/// <summary>What a run has cost so far.</summary>
sealed class RunCost
{
    /// <summary>Pixels decoded for the classifier.</summary>
    public long Pixels { get; set; }

    /// <summary>Seconds of classifier time.</summary>
    public double Seconds { get; set; }

    public bool IsAny => Seconds > 0 || Pixels > 0;

    /// <summary>Counts classifier time until it is disposed.</summary>
    public IDisposable Classifying(TimeProvider time) => new Clock(this, time);

    /// <summary>Adds this cost to the task's usage.</summary>
    public void AddTo(BridgeTask task)
    {
        task.PixelsRead += Pixels;
        task.ClassifierSeconds += Seconds;
    }

    sealed class Clock(RunCost cost, TimeProvider time) : IDisposable
    {
        readonly long began = time.GetTimestamp();

        public void Dispose() => cost.Seconds += time.GetElapsedTime(began).TotalSeconds;
    }
}
