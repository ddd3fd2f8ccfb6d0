using System.Globalization;
using System.Runtime.InteropServices;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>A user of this machine that programs run as.</summary>
sealed partial record ProgramUser(uint Id, uint Group, string Name)
{
    /// <summary>Finds the user, if the bridge may run programs as another user.</summary>
    /// <param name="text">A name, <c>UID</c> or <c>UID:GID</c>.</param>
    /// <exception cref="ClassifierSettingException">There is no such user, or the bridge may not change to another user.</exception>
    public static ProgramUser Of(string text)
    {
        if (!OperatingSystem.IsLinux()) throw Wrong("this setting works on Linux only");
        var user = Find(text) ?? throw Wrong($"there is no user '{text}' on this machine; give its name, or UID:GID");
        if (user.Id == 0) throw Wrong("programs would run as root, which can read everything; use another user");
        if (Environment.IsPrivilegedProcess) return SetPriv is null ? throw Wrong("setpriv is missing; apt-get install util-linux") : user;
        throw Wrong("only a bridge that runs as root may start programs as another user");
    }

    /// <summary>setpriv(1), which changes the user irrevocably.</summary>
    public static readonly string? SetPriv = new[] { "/usr/bin/setpriv", "/bin/setpriv" }.FirstOrDefault(File.Exists);

    /// <summary>The command that precedes the program's own: the program runs as this user, in no other group, and can never gain more rights.</summary>
    public IEnumerable<string> Command =>
        [SetPriv!, string.Create(CultureInfo.InvariantCulture, $"--reuid={Id}"), string.Create(CultureInfo.InvariantCulture, $"--regid={Group}"), "--clear-groups", "--inh-caps=-all", "--no-new-privs", "--"];

    /// <summary>Makes the user the owner of a file or folder.</summary>
    /// <exception cref="IOException">The file system does not allow it.</exception>
    public void Own(string path)
    {
        // The link itself, not its target: a folder of the user may contain any link.
        if (ChangeOwner(path, Id, Group) != 0) throw new IOException($"The owner of {path} cannot be changed to the user {Name} (error {Marshal.GetLastPInvokeError()}).");
    }

    static ProgramUser? Find(string text)
    {
        var entries = File.ReadLines("/etc/passwd").Select(l => l.Split(':')).Where(p => p.Length > 3).ToArray();
        if (entries.FirstOrDefault(p => p[0] == text) is { } named) return new(Number(named[2])!.Value, Number(named[3])!.Value, text);
        var parts = text.Split(':');
        if (parts.Length > 2 || Number(parts[0]) is not { } id) return null;
        // Without a group: the user's primary group, or the group with the same number.
        var group = parts.Length == 2 ? Number(parts[1]) : entries.FirstOrDefault(p => p[2] == parts[0]) is { } known ? Number(known[3]) : id;
        return group is { } given ? new(id, given, text) : null;
    }

    static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < uint.MaxValue ? number : null;

    static ClassifierSettingException Wrong(string why) => new($"--program-user: {why}.");

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
