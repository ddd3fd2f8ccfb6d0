using System.Diagnostics.CodeAnalysis;

namespace Slidebridge.Staging;

/// <summary>A lock for each key.</summary>
sealed class OneAtATime
{
    [SuppressMessage("Reliability", "CA1001", Justification = "A semaphore has nothing to dispose unless its wait handle was used.")]
    sealed class Gate
    {
        public SemaphoreSlim Free { get; } = new(1);

        /// <summary>The number of callers that hold the lock or wait for it.</summary>
        public int Users { get; set; }
    }

    readonly Dictionary<string, Gate> gates = [];

    /// <summary>Waits for the lock; disposing the result releases it.</summary>
    public async Task<IDisposable> EnterAsync(string key, CancellationToken cancellationToken)
    {
        Gate? gate;
        lock (gates)
        {
            if (!gates.TryGetValue(key, out gate)) gate = gates[key] = new Gate();
            gate.Users++;
        }
        try
        {
            await gate.Free.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(key, gate);
            throw;
        }
        return new Turn(this, key, gate);
    }

    void Leave(string key, Gate gate)
    {
        lock (gates)
            if (--gate.Users == 0) gates.Remove(key);
    }

    sealed class Turn(OneAtATime owner, string key, Gate gate) : IDisposable
    {
        public void Dispose()
        {
            gate.Free.Release();
            owner.Leave(key, gate);
        }
    }
}
