namespace Slidebridge.Tests.Delivery;

/// <summary>
/// The delivery protocol of docs/decisions/fencing.md as a machine of small states: one task with a saved result, two nodes that may take it at any
/// time (the engine may be wrong about who is dead), die or freeze between any two steps, and a platform that may commit a post and lose its answer.
/// Time goes on in ticks, between any two steps and as many as it likes.
/// </summary>
/// <param name="IsFenced">Steps commit under the newest run's number only, and a post's last byte leaves only while the proof of that is fresh.</param>
/// <param name="ProvesFresh">The last byte waits for a fresh proof. (Without: the numbers alone.)</param>
/// <param name="Waits">Whoever takes a task that may be posted waits the settle time before looking.</param>
/// <param name="Looks">Whoever takes a task that may be posted looks before posting.</param>
/// <param name="RecordsIntent">The row says "perhaps posted" before the post.</param>
sealed record ProtocolModel(bool IsFenced = true, bool ProvesFresh = true, bool Waits = true, bool Looks = true, bool RecordsIntent = true)
{
    /// <summary>The settle time, in ticks.</summary>
    const int Settle = 4;

    /// <summary>How long a proof is fresh: half the settle time.</summary>
    const int Fresh = Settle / 2;

    /// <summary>The longest that the platform works on a post whose last byte it has: less than the other half. This is the protocol's assumption.</summary>
    const int PlatformTime = Settle - Fresh - 1;

    const int MostRuns = 4;
    const int MostPosts = 3;

    public enum Row { Classified, Delivering, Completed }

    public enum Pc { Idle, Taken, Looking, Found, Intending, Sending, Proving, Awaiting, Accepted, NotArrived, Uncertain }

    public enum Post { None, Underway, Committed, Gone }

    /// <param name="Run">The number of the run; 0: none.</param>
    /// <param name="SawDelivering">The row was <see cref="Row.Delivering"/> when the run took it.</param>
    /// <param name="Seen">The row's count of posts as the run knows it.</param>
    /// <param name="Proof">Ticks since the proof that the task is the run's was begun.</param>
    /// <param name="Waited">Ticks since the run took the task.</param>
    /// <param name="Own">Which post of this process ended without an answer; 0: none.</param>
    /// <param name="OwnEnded">Ticks since then.</param>
    /// <param name="Mine">The post it waits for, from 1.</param>
    public readonly record struct Node(Pc Pc, byte Run, bool SawDelivering, byte Seen, byte Proof, byte Waited, byte Own, byte OwnEnded, byte Mine);

    public readonly record struct OnTheWay(Post State, byte Age);

    public readonly record struct State(Row Row, byte Run, byte Posts, Node A, Node B, OnTheWay P1, OnTheWay P2, OnTheWay P3)
    {
        public int Commits => Count(P1) + Count(P2) + Count(P3);

        public bool IsAnyUnderway => P1.State is Post.Underway || P2.State is Post.Underway || P3.State is Post.Underway;

        public OnTheWay this[int post] => post switch { 1 => P1, 2 => P2, _ => P3 };

        public State With(int post, OnTheWay value) => post switch { 1 => this with { P1 = value }, 2 => this with { P2 = value }, _ => this with { P3 = value } };

        public Node Of(int node) => node == 0 ? A : B;

        public State With(Node value, int node) => node == 0 ? this with { A = value } : this with { B = value };

        static int Count(OnTheWay post) => post.State is Post.Committed ? 1 : 0;
    }

    /// <summary>A result is saved, and nothing was posted.</summary>
    public static State Start => default;

    /// <summary>Every state that one step leads to, with what the step was.</summary>
    public IEnumerable<(string Step, State Next)> Steps(State s)
    {
        foreach (var step in Ticks(s).Concat(PlatformSteps(s))) yield return step;
        for (var n = 0; n < 2; n++)
            foreach (var (step, next) in NodeSteps(s, n)) yield return ($"{"AB"[n]}: {step}", next);
    }

    static IEnumerable<(string, State)> Ticks(State s)
    {
        // The platform is done with a post in time.
        for (var p = 1; p <= MostPosts; p++)
            if (s[p] is { State: Post.Underway, Age: PlatformTime }) yield break;
        var next = s with { A = Older(s.A), B = Older(s.B) };
        for (var p = 1; p <= MostPosts; p++)
            if (s[p].State is Post.Underway) next = next.With(p, s[p] with { Age = (byte)(s[p].Age + 1) });
        if (next != s) yield return ("time goes on", next);

        static Node Older(Node n) => n with { Proof = Tick(n.Proof, Fresh + 1), Waited = Tick(n.Waited, Settle), OwnEnded = Tick(n.OwnEnded, Settle) };

        static byte Tick(byte age, int most) => (byte)Math.Min(age + 1, most);
    }

    static IEnumerable<(string, State)> PlatformSteps(State s)
    {
        for (var p = 1; p <= MostPosts; p++)
        {
            if (s[p].State is not Post.Underway) continue;
            yield return ($"platform: commits post {p}", s.With(p, new OnTheWay(Post.Committed, 0)));
            yield return ($"platform: drops post {p}", s.With(p, new OnTheWay(Post.Gone, 0)));
        }
    }

    IEnumerable<(string, State)> NodeSteps(State s, int index)
    {
        var n = s.Of(index);
        var mayStep = !IsFenced || n.Run == s.Run;
        State To(Pc pc) => s.With(n with { Pc = pc }, index);
        State Ended() => s.With(Resting(n), index);

        if (n.Pc is not Pc.Idle || n.Own > 0) yield return ("dies", s.With(default(Node), index));

        switch (n.Pc)
        {
            case Pc.Idle when s.Row is not Row.Completed && s.Run < MostRuns:
                var run = (byte)(s.Run + 1);
                yield return ("takes the task", (s with { Run = run }).With(n with { Pc = Pc.Taken, Run = run, SawDelivering = s.Row is Row.Delivering, Seen = s.Posts, Waited = 0 }, index));
                break;
            case Pc.Taken when !n.SawDelivering || !Looks:
                yield return ("goes on to post", To(Pc.Intending) with { });
                break;
            case Pc.Taken when !Waits || (n.Own > 0 && n.Own == n.Seen ? n.OwnEnded : n.Waited) >= Settle:
                yield return ("has waited", To(Pc.Looking));
                break;
            case Pc.Looking:
                yield return s.Commits > 0 ? ("sees it there", To(Pc.Found)) : ("sees nothing", To(Pc.Intending));
                yield return ("cannot see, and puts it off", Ended());
                break;
            case Pc.Intending when s.Posts < MostPosts:
                // The clock of the proof starts before the commit does: here, and the commit is later.
                yield return ("begins to record its intent", s.With(n with { Pc = Pc.Proving, Proof = 0 }, index));
                break;
            case Pc.Proving when n.Mine == 0:
                yield return mayStep && s.Row is not Row.Completed
                    ? ("records its intent", (s with { Row = RecordsIntent ? Row.Delivering : s.Row, Posts = (byte)(s.Posts + 1) }).With(n with { Pc = Pc.Sending, Mine = (byte)(s.Posts + 1) }, index))
                    : ("is told that it was overtaken", Ended());
                break;
            case Pc.Proving:
                yield return mayStep && s.Row is Row.Delivering ? ("proves that the task is its own", To(Pc.Sending)) : ("is told that it was overtaken, its last byte unsent", Ended());
                break;
            case Pc.Sending when !ProvesFresh || !IsFenced || n.Proof <= Fresh:
                // No time passes between the look at the clock and the byte: docs/decisions/fencing.md says what that leaves open.
                yield return ("sends the last byte", s.With(n.Mine, new OnTheWay(Post.Underway, 0)).With(n with { Pc = Pc.Awaiting }, index));
                break;
            case Pc.Sending:
                yield return ("begins to prove", s.With(n with { Pc = Pc.Proving, Proof = 0 }, index));
                break;
            case Pc.Awaiting:
                if (s[n.Mine].State is Post.Committed) yield return ("is answered 201", To(Pc.Accepted));
                if (s[n.Mine].State is Post.Gone) yield return ("is answered 429", To(Pc.NotArrived));
                yield return ("gets no answer", s.With(n with { Pc = Pc.Uncertain, Own = n.Mine, OwnEnded = 0 }, index));
                break;
            case Pc.Found or Pc.Accepted:
                yield return mayStep && s.Row is not Row.Completed ? ("completes it", (s with { Row = Row.Completed }).With(Resting(n), index)) : ("is told that it was overtaken", Ended());
                break;
            case Pc.NotArrived:
                yield return mayStep && s.Row is not Row.Completed ? ("records that it is certainly not there", (s with { Row = Row.Classified }).With(Resting(n), index)) : ("is told that it was overtaken", Ended());
                break;
            case Pc.Uncertain:
                yield return ("puts it off", Ended());
                break;
        }
    }

    /// <summary>The process lives on, and remembers which post of its own had no answer.</summary>
    static Node Resting(Node n) => new(Pc.Idle, 0, false, 0, 0, 0, n.Own, n.Own > 0 ? n.OwnEnded : (byte)0, 0);

    /// <summary>What must hold in every state; null where it holds.</summary>
    public static string? Broken(State s) =>
        s.Commits > 1 ? "two evaluations"
        : s.Row is Row.Completed && s.Commits == 0 ? "completed without an evaluation"
        : s.Row is Row.Classified && (s.Commits > 0 || s.IsAnyUnderway) ? "the row says that it is certainly not there, and it is or may come to be"
        : null;
}
