namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>How strictly programs are isolated from the bridge.</summary>
enum SandboxMode
{
    /// <summary>As far as this machine allows.</summary>
    Auto,

    /// <summary>Without network and with a read-only disk, or not at all.</summary>
    Strict,

    Off,
}

/// <summary>How program classifiers are started; the same for all.</summary>
/// <param name="Sandbox">How strictly they are isolated from the bridge.</param>
/// <param name="User">The user that they run as: a name, or <c>UID</c> or <c>UID:GID</c>; null for the bridge's own.</param>
/// <param name="Variables">Variables that they receive in addition to those of <see cref="ProgramEnvironment"/>.</param>
/// <param name="LargestResult">Maximum bytes of one result as JSON.</param>
/// <param name="Hidden">Files and folders that no program may see: the bridge's settings, its data.</param>
sealed record ProgramOptions(SandboxMode Sandbox, string? User, IReadOnlyList<string> Variables, long LargestResult, IReadOnlyList<string> Hidden)
{
    /// <summary>The default of the maximum result size, in bytes.</summary>
    public const long UsualLargestResult = 64 * 1024 * 1024;

    public ProgramOptions() : this(SandboxMode.Auto, null, [], UsualLargestResult, []) { }
}
