namespace Slidebridge.Bench.Fleet.Simulation;

/// <summary>The traces of the bench.</summary>
static class ArrivalTraces
{
    const double Hour = 3600, Day = 24 * Hour;

    public static readonly IReadOnlyList<string> Names = ["trickle", "burst", "week", "spot", "spot-notice", "flood", "outage"];

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="settings">The seed, and the probability of losses.</param>
    public static ArrivalTrace Of(string name, SimulationSettings settings)
    {
        var random = new Random(settings.Seed);
        return name switch
        {
            // One task every 20 minutes by day.
            "trickle" => new(name, [.. Enumerable.Range(0, 30).Select(i => 8 * Hour + i * 1200.0)], 24, 2),
            "burst" => new(name, [.. Enumerable.Repeat(8 * Hour, 500)], 24, 20),
            "week" => new(name, Random(random, 0, 7 * Day, WeekRate), 7 * 24, 10),
            "spot" => new(name, Random(random, 8 * Hour, 18 * Hour, _ => 120), 24, 10) { Loss = settings.Loss },
            "spot-notice" => new(name, Random(random, 8 * Hour, 18 * Hour, _ => 120), 24, 10) { Loss = settings.Loss, Notice = true },
            "flood" => new(name, [.. Enumerable.Repeat(8 * Hour, 5000)], 24, 200),
            // The engine refuses requests while a burst arrives.
            "outage" => new(name, [.. Random(random, 7 * Hour, 12 * Hour, _ => 60).Concat(Enumerable.Repeat(8 * Hour, 200)).Order()], 24, 20) { OutageFrom = 8 * Hour, OutageUntil = 8 * Hour + 600 },
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such trace."),
        };
    }

    /// <summary>Tasks an hour: on working days two peaks of 120, at night 1, at weekends up to 8.</summary>
    static double WeekRate(double time)
    {
        var (day, hour) = ((int)(time / Day), time % Day / Hour);
        if (hour is < 7 or > 19) return 1;
        return day >= 5 ? 8 : 10 + 110 * Math.Max(Peak(10), 0.8 * Peak(15));

        double Peak(double at) => Math.Exp(-Math.Pow((hour - at) / 1.5, 2));
    }

    /// <summary>Independent arrivals at a changing rate of at most 120 an hour (a Poisson process, by thinning).</summary>
    static List<double> Random(Random random, double from, double until, Func<double, double> rate)
    {
        const double highest = 120;
        var arrivals = new List<double>();
        for (var time = from; ;)
        {
            time -= Math.Log(1 - random.NextDouble()) * Hour / highest;
            if (time >= until) return arrivals;
            if (random.NextDouble() * highest < rate(time)) arrivals.Add(time);
        }
    }
}
