using Slidebridge.Security;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>Where programs are started: what they see of this machine, as whom they run, and where their files lie.</summary>
sealed class ProgramHost : IDisposable
{
    readonly ProgramOptions options;
    readonly Bubblewrap? sandbox;
    readonly string whyNot;
    readonly Lazy<OwnedFolder?> inMemory, temporary;
    readonly string? work;

    /// <param name="options">How programs are started.</param>
    /// <param name="work">Where files of programs lie, in a folder that is emptied at every start; null for the system's folder for temporary files.</param>
    /// <exception cref="ClassifierSettingException">This machine does not allow it.</exception>
    public ProgramHost(ProgramOptions options, string? work = null)
    {
        this.options = options;
        User = options.User is { } user ? ProgramUser.Of(user) : null;
        (sandbox, whyNot) = options.Sandbox is SandboxMode.Off ? (null, "it is switched off (--program-sandbox off)") : Bubblewrap.Find(options);
        if (options.Sandbox is SandboxMode.Strict && sandbox is null) throw new ClassifierSettingException($"--program-sandbox strict cannot be kept on this machine: {whyNot.TrimEnd('.')}.");
        inMemory = new(() => Directory.Exists(SharedPixels.InMemory) ? OwnedFolder.Create(SharedPixels.InMemory) : null);
        // Another user comes to no folder below the data directory, but for what a sandbox shows it.
        this.work = MustPassThrough ? null : work;
        temporary = new(() => this.work is null ? OwnedFolder.Create(Path.GetTempPath()) : null);
    }

    /// <summary>The user that programs run as; null for the bridge's own.</summary>
    public ProgramUser? User { get; }

    /// <summary>The most bytes of one result.</summary>
    public long LargestResult => options.LargestResult;

    /// <summary>Programs are kept apart from the bridge.</summary>
    public bool IsSandboxed => sandbox is not null;

    /// <summary>What holds for programs on this machine, in one line.</summary>
    public string Told => $"{(sandbox is null ? $"not sandboxed, for {whyNot}: a program can read what the bridge's user can read" : options.Sandbox is SandboxMode.Strict
        ? "sandboxed (strict): no network, a read-only disk, and no sight of the bridge, its data and other tasks"
        : "sandboxed (auto): no sight of the bridge, its data and other tasks; network and the rest of the disk as they are")}{(User is { } user ? $"; they run as user {user.Name}" : "")}";

    /// <summary>A place for one process.</summary>
    public ProgramPlace CreatePlace()
    {
        var root = work ?? temporary.Value!.Path;
        if (!Directory.Exists(root)) PrivateDirectory.Create(root);
        // Nor does it come through a folder of ours elsewhere, unless we let it.
        if (User is not null && work is null && OperatingSystem.IsLinux())
            foreach (var folder in new[] { root, inMemory.Value?.Path }.OfType<string>()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        return new ProgramPlace(this, root, inMemory.Value?.Path);
    }

    /// <summary>Programs are another user's before they are in a sandbox, or in none: they go the way to their place as that user.</summary>
    bool MustPassThrough => User is not null && sandbox is not { CanChangeUser: true };

    /// <summary>Whether a program that is started here cannot open a path.</summary>
    public bool IsHidden(string path) => (sandbox is not null || User is not null) && (options.Hidden.Any(h => IsBelow(path, h)) || (options.Sandbox is SandboxMode.Strict && IsBelow(path, "/tmp")));

    /// <summary>What a program's command becomes.</summary>
    /// <param name="command">The file and its arguments.</param>
    /// <param name="visible">Folders of the classifier that it must see.</param>
    /// <param name="place">The process's place.</param>
    public IReadOnlyList<string> Wrap(IReadOnlyList<string> command, IEnumerable<string> visible, ProgramPlace place)
    {
        if (sandbox is null) return [.. User?.Command ?? [], .. command];
        var inside = User is not null && sandbox.CanChangeUser;
        IEnumerable<string> wrapped = [.. sandbox.Command(place, visible, inside), .. inside ? User!.Command : [], .. command];
        return [.. inside || User is null ? [] : User.Command, .. wrapped];
    }

    /// <summary>The variables that a program is started with.</summary>
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
