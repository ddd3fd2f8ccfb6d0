using System.Text;
using Slidebridge.Tasks;

namespace Slidebridge.Tests.Delivery;

/// <summary>The real delivery through random interleavings of the steps that <see cref="ProtocolModelTests"/> explores in a model: the same schedule for the same seed.</summary>
public sealed class DeliveryInterleavingTests
{
    const int Schedules = 20_000, Steps = 160;

    [Fact]
    public void No_interleaving_of_the_real_delivery_posts_a_result_twice_or_loses_it()
    {
        var (completed, taken, found) = (0, 0, 0);
        for (var seed = 0; seed < Schedules; seed++)
        {
            var world = new DeliveryWorld(new());
            if (Play(world, seed) is { } broken) Assert.Fail(broken);
            if (world.State is TaskState.Completed) completed++;
            if (world.Runs > 2) taken++;
            if (world is { State: TaskState.Completed, Runs: > 1 }) found++;
        }
        // Schedules in which hardly anything happens would hold too.
        Assert.True(completed > Schedules / 10 && taken > Schedules / 2 && found > Schedules / 20, $"{completed} completed, {taken} taken over, {found} completed by a later run, of {Schedules}");
    }

    public static TheoryData<string> Missing => ["fence", "settle time", "look", "intent"];

    [Theory]
    [MemberData(nameof(Missing))]
    public void Without_any_one_of_its_rules_some_interleaving_breaks_it(string rule)
    {
        var rules = rule switch
        {
            "fence" => new DeliveryWorld.Rules(IsFenced: false),
            "settle time" => new DeliveryWorld.Rules(Settles: false),
            "look" => new DeliveryWorld.Rules(ShowsResults: false),
            _ => new DeliveryWorld.Rules(KeepsIntent: false),
        };
        var broken = Enumerable.Range(0, Schedules).Select(seed => Play(new DeliveryWorld(rules), seed)).FirstOrDefault(found => found is not null);
        Assert.NotNull(broken);
        TestContext.Current.TestOutputHelper?.WriteLine(broken);
    }

    [Fact]
    public void The_same_seed_plays_the_same_schedule() => Assert.Equal(Names(7), Names(7));

    /// <summary>Chooses among the steps that are possible until nothing is; the story of a schedule in which something does not hold that must.</summary>
    static string? Play(DeliveryWorld world, int seed, List<string>? names = null)
    {
        var random = new Random(seed);
        // Each schedule has its own temper: deaths, lost answers and takeovers are rare in some and frequent in others.
        var patience = random.NextDouble();
        var story = new StringBuilder();
        for (var step = 0; step < Steps; step++)
        {
            var steps = world.Steps();
            if (steps.Count == 0) break;
            var (name, go) = steps[random.Next(steps.Count)];
            if (Troubles.Any(name.EndsWith) && random.NextDouble() < patience) continue;
            go();
            names?.Add(name);
            story.AppendLine(name);
            if (world.Broken is { } broken) return $"Seed {seed}: {broken}\n{story}";
        }
        return null;
    }

    static readonly string[] Troubles = ["dies", "gets no answer", "cannot see what the platform has", "acquires the task"];

    static List<string> Names(int seed)
    {
        var names = new List<string>();
        Play(new DeliveryWorld(new()), seed, names);
        return names;
    }
}
