using Slidebridge.Security;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>How programs are started: what they see of this machine, which user they run as, and where their files are.</summary>
sealed class ProgramHost : IDisposable
{
    readonly ProgramOptions options;
    readonly Bubblewrap? sandbox;
    readonly string whyNot;
    readonly Lazy<OwnedFolder?> inMemory, temporary;
    readonly string? work;

    /// <param name="options">How programs are started.</param>
    /// <param name="work">The folder for programs' files, which is emptied at every start; null for the system's folder for temporary files.</param>
    /// <exception cref="ClassifierSettingException">This machine does not support the options.</exception>
    public ProgramHost(ProgramOptions options, string? work = null)
    {
        this.options = options;
        User = options.User is { } user ? ProgramUser.Of(user) : null;
        (sandbox, whyNot) = options.Sandbox is SandboxMode.Off ? (null, "--program-sandbox is off") : Bubblewrap.Find(options);
        if (options.Sandbox is SandboxMode.Strict && sandbox is null) throw new ClassifierSettingException($"--program-sandbox strict does not work on this machine: {whyNot.TrimEnd('.')}.");
        inMemory = new(() => Directory.Exists(SharedPixels.InMemory) ? OwnedFolder.Create(SharedPixels.InMemory) : null);
        // Another user cannot enter folders below the data directory, except those that a sandbox shows it.
        this.work = MustPassThrough ? null : work;
        temporary = new(() => this.work is null ? OwnedFolder.Create(Path.GetTempPath()) : null);
    }

    /// <summary>The user that programs run as; null for the bridge's own.</summary>
    public ProgramUser? User { get; }

    /// <summary>Maximum bytes of one result.</summary>
    public long LargestResult => options.LargestResult;

    /// <summary>Whether programs are isolated from the bridge.</summary>
    public bool IsSandboxed => sandbox is not null;

    /// <summary>How programs are isolated on this machine, in one line.</summary>
    public string Description => $"{(sandbox is null ? $"not sandboxed because {whyNot}: a program can read everything that the bridge's user can read" : options.Sandbox is SandboxMode.Strict
        ? "sandboxed (strict): no network, a read-only disk, and no access to the bridge, its data and other tasks"
        : "sandboxed (auto): no access to the bridge, its data and other tasks; normal access to the network and the rest of the disk")}{(User is { } user ? $"; they run as user {user.Name}" : "")}";

    /// <summary>Creates the folders of one process.</summary>
    public ProgramPlace CreatePlace()
    {
        var root = work ?? temporary.Value!.Path;
        if (!Directory.Exists(root)) PrivateDirectory.Create(root);
        // The user also needs access to the parent folders outside the data directory.
        if (User is not null && work is null && OperatingSystem.IsLinux())
            foreach (var folder in new[] { root, inMemory.Value?.Path }.OfType<string>()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        return new ProgramPlace(this, root, inMemory.Value?.Path);
    }

    /// <summary>Programs change to another user before the sandbox starts, or there is none: that user must be able to enter the parent folders of their place.</summary>
    bool MustPassThrough => User is not null && sandbox is not { CanChangeUser: true };

    /// <summary>Whether a program that is started here cannot open a path.</summary>
    public bool IsHidden(string path) => (sandbox is not null || User is not null) && (options.Hidden.Any(h => IsBelow(path, h)) || (options.Sandbox is SandboxMode.Strict && IsBelow(path, "/tmp")));

    /// <summary>The command that starts a program in its sandbox and as its user.</summary>
    /// <param name="command">The file and its arguments.</param>
    /// <param name="visible">Folders of the classifier that the program must see.</param>
    /// <param name="place">The process's folders.</param>
    public IReadOnlyList<string> Wrap(IReadOnlyList<string> command, IEnumerable<string> visible, ProgramPlace place)
    {
        if (sandbox is null) return [.. User?.Command ?? [], .. command];
        var inside = User is not null && sandbox.CanChangeUser;
        IEnumerable<string> wrapped = [.. sandbox.Command(place, visible, inside), .. inside ? User!.Command : [], .. command];
        return [.. inside || User is null ? [] : User.Command, .. wrapped];
    }

    /// <summary>The environment of a program.</summary>
    public Dictionary<string, string> Environment()
    {
        var variables = ProgramEnvironment.Of(options.Variables);
        if (variables.TryGetValue("TMPDIR", out var temporaryFiles) && IsHidden(temporaryFiles)) variables.Remove("TMPDIR");
        return variables;
    }

    public void Dispose()
    {
        if (inMemory.IsValueCreated) inMemory.Value?.Dispose();
        if (temporary.IsValueCreated) temporary.Value?.Dispose();
    }

    static bool IsBelow(string path, string folder) => path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
