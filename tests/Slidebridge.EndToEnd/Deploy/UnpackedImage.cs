using System.Diagnostics;
using System.Text.Json;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary>
/// An image's file (as <c>docker save</c> writes it), unpacked layer by layer, and run as an engine runs it: its user, its variables, its entry
/// point, a root that cannot be written, volumes at /data and /tmp. In mount points of its own, which are gone with the process.
/// </summary>
sealed class UnpackedImage
{
    readonly string root, data;

    UnpackedImage(string folder, JsonElement config)
    {
        (root, data) = (Path.Combine(folder, "root"), Path.Combine(folder, "data"));
        User = config.GetProperty(nameof(User)).GetString()!;
        Variables = [.. config.GetProperty("Env").EnumerateArray().Select(v => v.GetString()!)];
        EntryPoint = Words("Entrypoint");
        Command = Words("Cmd");

        string[] Words(string name) => config.TryGetProperty(name, out var words) && words.ValueKind is JsonValueKind.Array ? [.. words.EnumerateArray().Select(w => w.GetString()!)] : [];
    }

    public string User { get; }

    public string[] Variables { get; }

    public string[] EntryPoint { get; }

    public string[] Command { get; }

    /// <param name="archive">The image's file.</param>
    /// <param name="folder">Where it is unpacked.</param>
    public static async Task<UnpackedImage> UnpackAsync(string archive, string folder, CancellationToken cancellationToken)
    {
        var parts = Directory.CreateDirectory(Path.Combine(folder, "parts")).FullName;
        var root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        await DeployFiles.RunAsync("tar", "tar", "-xf", archive, "-C", parts);
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(parts, "manifest.json"), cancellationToken));
        foreach (var layer in manifest.RootElement[0].GetProperty("Layers").EnumerateArray())
            await DeployFiles.RunAsync("tar", "tar", "-xpf", Path.Combine(parts, layer.GetString()!), "-C", root);
        using var config = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(parts, manifest.RootElement[0].GetProperty("Config").GetString()!), cancellationToken));
        var image = new UnpackedImage(folder, config.RootElement.GetProperty("config"));
        await DeployFiles.RunAsync("chown", "coreutils", image.User, data); // As an engine does with a volume that is new.
        return image;
    }

    /// <summary>Starts the entry point with these arguments in place of the image's own.</summary>
    public Process Start(params string[] arguments)
    {
        const string Engine = """
            set -e
            mount --bind "$1" "$1"
            mount --bind "$2" "$1/data"
            mount -t tmpfs -o mode=1777 tmp "$1/tmp"
            mount --rbind /proc "$1/proc"
            mount --rbind /dev "$1/dev"
            mount -o remount,ro,bind "$1"
            root=$1 user=$3
            shift 3
            exec chroot --userspec="$user:$user" "$root" "$@"
            """;
        var start = new ProcessStartInfo("unshare", ["--mount", "sh", "-c", Engine, "engine", root, data, User, .. EntryPoint, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var variable in Variables)
        {
            var (name, value) = (variable.Split('=')[0], variable[(variable.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            start.Environment[name] = name == "PATH" ? $"{value}:/usr/sbin:/usr/bin:/sbin:/bin" : value;
        }
        return Process.Start(start)!;
    }

    /// <summary>Skips the test, by what is missing, where this machine does not let it change its root.</summary>
    public static async Task SkipUnlessRunnableAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root may change the root of a process.");
        using var tried = Process.Start(new ProcessStartInfo("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]) { RedirectStandardError = true })!;
        await tried.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(tried.ExitCode == 0, "This machine allows no mount points of a process's own (unshare --mount).");
    }
}
