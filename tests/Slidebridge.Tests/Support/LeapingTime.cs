namespace Slidebridge.Tests.Support;

/// <summary>The system's clock, whose wall can be set ahead or back.</summary>
sealed class LeapingTime : TimeProvider
{
    long ahead;

    public void Leap(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref ahead));
}
