namespace Slidebridge.Tests.Simulation;

/// <summary>A clock that a test sets forward.</summary>
sealed class SetClock : TimeProvider
{
    DateTimeOffset now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now;

    public void Pass(TimeSpan time) => now += time;
}
