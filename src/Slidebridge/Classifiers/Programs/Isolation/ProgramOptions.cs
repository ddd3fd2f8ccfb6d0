namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>How far programs are kept apart from the bridge.</summary>
enum SandboxMode
{
    /// <summary>As far as this machine allows.</summary>
    Auto,

    /// <summary>Without network and with a disk that they cannot write to, or not at all.</summary>
    Strict,

    Off,
}

/// <summary>How classifiers that are programs are started, whichever they are.</summary>
/// <param name="Sandbox">How far they are kept apart from the bridge.</param>
/// <param name="User">The user that they run as: a name, or <c>UID</c> or <c>UID:GID</c>; null for the bridge's own.</param>
/// <param name="Variables">Names of variables that they get beside those of <see cref="ProgramEnvironment"/>.</param>
/// <param name="LargestResult">The most bytes that the JSON of one result may have.</param>
/// <param name="Hidden">Files and folders that no program may see: the bridge's settings, its data.</param>
sealed record ProgramOptions(SandboxMode Sandbox, string? User, IReadOnlyList<string> Variables, long LargestResult, IReadOnlyList<string> Hidden)
{
    /// <summary>The largest result where no setting says otherwise, in bytes.</summary>
    public const long UsualLargestResult = 64 * 1024 * 1024;

    public ProgramOptions() : this(SandboxMode.Auto, null, [], UsualLargestResult, []) { }
}
