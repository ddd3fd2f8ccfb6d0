namespace Slidebridge.Fleet.Engines;

/// <summary>A Slurm cluster.</summary>
/// <param name="Command">The command line of the worker, as a line of a bash script.</param>
/// <param name="Partition">The partition; null: the cluster's default.</param>
/// <param name="Options">Further options of <c>sbatch</c>, such as <c>--gres=gpu:1</c>.</param>
/// <param name="Prefix">Words before each command, such as <c>ssh login</c>.</param>
sealed record SlurmOptions(string Command, string? Partition, IReadOnlyList<string> Options, IReadOnlyList<string> Prefix) : EngineOptions
{
    public override string Kind => "slurm";

    public override IFleetEngine Open(string group, EngineServices services) => new SlurmEngine(this, group);
}
