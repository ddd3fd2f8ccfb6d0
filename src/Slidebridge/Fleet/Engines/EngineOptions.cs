namespace Slidebridge.Fleet.Engines;

/// <summary>An engine as <c>slidebridge.json</c> describes it.</summary>
abstract record EngineOptions
{
    /// <summary>As the file names it, such as <c>slurm</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Checks what can be checked without a call, for the start of the bridge.</summary>
    /// <param name="group">The group.</param>
    /// <exception cref="Settings.SettingException">Something is wrong; the message says what.</exception>
    public virtual void Check(string group)
    {
    }

    /// <summary>Opens the engine for one group's workers. Does not call it yet. May be disposable.</summary>
    /// <param name="group">The group, which the engine keeps with each request.</param>
    /// <param name="services">What engines may use.</param>
    public abstract IFleetEngine Open(string group, EngineServices services);
}

/// <summary>What engines may use of the bridge.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Log">For lines that only an operator who debugs the engine needs.</param>
sealed record EngineServices(TimeProvider Time, ILogger Log)
{
    /// <summary>The bridge's address on this machine; null: it does not listen yet.</summary>
    public Func<Uri?>? Address { get; init; }

    /// <summary>A directory for what workers on this machine print; null: nobody reads it.</summary>
    public string? Logs { get; init; }

    /// <summary>Makes a token for workers of a group, for an engine that can pass on a secret.</summary>
    public Func<string, Task<string>>? MakeToken { get; init; }
}
