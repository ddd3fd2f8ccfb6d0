using State = Slidebridge.Tests.Delivery.ProtocolModel.State;

namespace Slidebridge.Tests.Delivery;

/// <summary>Every interleaving of deaths, freezes, takings-over, commits and lost answers, one by one.</summary>
public sealed class ProtocolModelTests
{
    [Fact]
    public void No_interleaving_posts_a_result_twice_or_loses_it()
    {
        var explored = Explore(new ProtocolModel());
        Assert.Null(explored.Broken);
        // A model in which hardly anything happens would hold too.
        Assert.InRange(explored.Came.Count, 10_000, 5_000_000);
        Assert.Contains(explored.Came.Keys, s => s is { Row: ProtocolModel.Row.Completed, Run: 4 });
    }

    [Fact]
    public void From_every_state_the_result_can_still_be_delivered()
    {
        // As long as another run may be begun: the model counts only so far.
        var explored = Explore(new ProtocolModel());
        var before = explored.Came.Keys.ToDictionary(s => s, _ => new List<State>());
        foreach (var state in explored.Came.Keys)
            foreach (var (_, next) in new ProtocolModel().Steps(state)) before[next].Add(state);
        var good = new HashSet<State>(explored.Came.Keys.Where(s => s.Row is ProtocolModel.Row.Completed));
        var waiting = new Queue<State>(good);
        while (waiting.TryDequeue(out var state))
            foreach (var earlier in before[state])
                if (good.Add(earlier)) waiting.Enqueue(earlier);
        Assert.DoesNotContain(explored.Came.Keys, s => s is { Run: < 3, Posts: < 2 } && !good.Contains(s));
    }

    public static TheoryData<string> Rules() => ["fence", "fresh proof", "wait", "look", "intent"];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Without_any_one_of_its_rules_the_protocol_breaks(string rule)
    {
        var model = rule switch
        {
            "fence" => new ProtocolModel(IsFenced: false),
            "fresh proof" => new ProtocolModel(ProvesFresh: false),
            "wait" => new ProtocolModel(Waits: false),
            "look" => new ProtocolModel(Looks: false),
            _ => new ProtocolModel(RecordsIntent: false),
        };
        var explored = Explore(model);
        Assert.NotNull(explored.Broken);
        TestContext.Current.TestOutputHelper?.WriteLine(explored.Way());
    }

    /// <param name="Came">Each state that was met, and whence by what step.</param>
    /// <param name="Broken">The first state in which something does not hold that must, the fewest steps from the start.</param>
    sealed record Explored(Dictionary<State, (State From, string Step)> Came, State? Broken)
    {
        public string Way()
        {
            var steps = new Stack<string>();
            for (var s = Broken!.Value; s != ProtocolModel.Start; s = Came[s].From) steps.Push(Came[s].Step);
            return string.Join(Environment.NewLine, steps) + Environment.NewLine + ProtocolModel.Broken(Broken.Value);
        }
    }

    static Explored Explore(ProtocolModel model)
    {
        var came = new Dictionary<State, (State, string)> { [ProtocolModel.Start] = default };
        var waiting = new Queue<State>([ProtocolModel.Start]);
        while (waiting.TryDequeue(out var state))
        {
            if (ProtocolModel.Broken(state) is not null) return new Explored(came, state);
            foreach (var (step, next) in model.Steps(state))
                if (came.TryAdd(next, (state, step))) waiting.Enqueue(next);
        }
        return new Explored(came, null);
    }
}
