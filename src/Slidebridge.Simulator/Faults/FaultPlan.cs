namespace Slidebridge.Simulator.Faults;

/// <summary>The planned faults.</summary>
public sealed class FaultPlan
{
    readonly Lock planning = new();
    readonly List<Planned> planned = [];

    sealed class Planned(Fault fault)
    {
        readonly Random random = new(fault.Seed);
        int calls;
        int happened;

        public Fault Fault { get; } = fault;

        public bool IsDone => Fault.Times is { } times && happened >= times;

        public bool Happens()
        {
            var call = calls++ - Fault.Skip;
            if (IsDone || call < 0 || call % Fault.Every != Fault.Every - 1 || random.NextDouble() >= Fault.Probability) return false;
            happened++;
            return true;
        }
    }

    /// <summary>The faults that will still happen.</summary>
    public IReadOnlyList<Fault> Waiting
    {
        get
        {
            lock (planning) return [.. planned.Where(p => !p.IsDone).Select(p => p.Fault)];
        }
    }

    /// <summary>Adds a fault.</summary>
    /// <exception cref="ArgumentException">The fault's values are invalid.</exception>
    public void Add(Fault fault)
    {
        if (fault.Problem() is { } problem) throw new ArgumentException(problem, nameof(fault));
        lock (planning) planned.Add(new Planned(fault));
    }

    /// <summary>Removes all faults.</summary>
    public void Clear()
    {
        lock (planning) planned.Clear();
    }

    /// <summary>The fault for a call, or null: the first matching one, in the order in which they were added.</summary>
    internal Fault? Next(FaultEndpoint endpoint)
    {
        lock (planning) return planned.Where(p => p.Fault.Endpoint == endpoint).FirstOrDefault(p => p.Happens())?.Fault;
    }
}
