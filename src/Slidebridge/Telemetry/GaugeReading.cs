namespace Slidebridge.Telemetry;

/// <summary>What gauges read from the database, at most once every few seconds. The collector asks the instruments synchronously, one after another.</summary>
/// <param name="time">The clock.</param>
/// <param name="read">Queries the database.</param>
sealed class GaugeReading<T>(TimeProvider time, Func<T> read)
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    readonly Lock gate = new();
    (T Value, long At)? last;

    public T Value
    {
        get
        {
            lock (gate)
            {
                if (last is not { } known || time.GetElapsedTime(known.At) >= Fresh) last = known = (read(), time.GetTimestamp());
                return known.Value;
            }
        }
    }
}
