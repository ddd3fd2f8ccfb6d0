namespace Slidebridge.Bench.Fleet.Simulation;

/// <summary>A task of a trace.</summary>
/// <param name="number">Its place in the trace.</param>
/// <param name="arrivedAt">When it arrived.</param>
/// <param name="expiresAt">When its URLs expire.</param>
/// <param name="seconds">How long a worker needs for it; the same under every policy.</param>
sealed class PlayedTask(int number, double arrivedAt, double expiresAt, double seconds)
{
    public int Number => number;

    public double ArrivedAt => arrivedAt;

    public double ExpiresAt => expiresAt;

    public double Seconds => seconds;

    /// <summary>When its last run started.</summary>
    public double StartedAt { get; set; }

    /// <summary>When its result was there; null: not yet.</summary>
    public double? EndedAt { get; set; }
}
