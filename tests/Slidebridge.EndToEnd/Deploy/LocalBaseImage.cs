using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary>
/// The least image that .NET runs in, made of this machine's own files: its shared frameworks, and the libraries that those load.
/// It stands for Microsoft's image where no registry is to be reached.
/// </summary>
static partial class LocalBaseImage
{
    /// <summary>What the program writes to is a volume's place; /proc and /dev are the engine's.</summary>
    static readonly string[] MountPoints = ["data", "tmp", "proc", "dev"];

    /// <summary>Writes config and layer into a folder.</summary>
    /// <returns>The manifest, and the files that it names.</returns>
    public static async Task<(byte[] Manifest, string[] Blobs)> MakeAsync(string folder, CancellationToken cancellationToken)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var (tar, layer, config) = (Path.Combine(folder, "layer.tar"), Path.Combine(folder, "layer.tar.gz"), Path.Combine(folder, "config.json"));
        await WriteLayerAsync(tar, dotnet, cancellationToken);
        await using (var source = File.OpenRead(tar))
        await using (var target = new GZipStream(File.Create(layer), CompressionLevel.Fastest))
            await source.CopyToAsync(target, cancellationToken);

        await File.WriteAllBytesAsync(config, JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? "arm64" : "amd64",
            os = "linux",
            created = "2025-01-01T00:00:00Z",
            config = new { Env = (string[])[$"PATH={dotnet}"] },
            rootfs = new { type = "layers", diff_ids = (string[])[LocalRegistry.Digest(tar)] },
            history = (object[])[new { created = "2025-01-01T00:00:00Z" }],
        }), cancellationToken);
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.docker.distribution.manifest.v2+json",
            config = Descriptor("application/vnd.docker.container.image.v1+json", config),
            layers = (object[])[Descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)],
        });
        return (manifest, [config, layer]);
    }

    static object Descriptor(string mediaType, string file) => new { mediaType, size = new FileInfo(file).Length, digest = LocalRegistry.Digest(file) };

    static async Task WriteLayerAsync(string path, string dotnet, CancellationToken cancellationToken)
    {
        var runtime = Path.Combine(dotnet, "shared", "Microsoft.NETCore.App", Environment.Version.ToString());
        var web = Path.Combine(dotnet, "shared", "Microsoft.AspNetCore.App", Environment.Version.ToString());
        string[] program = [Path.Combine(dotnet, "dotnet"), .. Directory.EnumerateFiles(Path.Combine(dotnet, "host"), "*", SearchOption.AllDirectories), .. Directory.EnumerateFiles(runtime), .. Directory.EnumerateFiles(web)];
        var native = program.Where(f => f.EndsWith(".so", StringComparison.Ordinal)).Prepend(program[0]).ToList();
        // .NET opens OpenSSL by name.
        var libraries = (await NeededAsync(native, cancellationToken)).ToHashSet();
        var beside = Path.GetDirectoryName(libraries.First(l => l.Contains("libc.so", StringComparison.Ordinal)))!;
        libraries.UnionWith(((string[])["libssl.so.3", "libcrypto.so.3"]).Select(name => Path.Combine(beside, name)).Where(File.Exists));

        await using var writer = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        foreach (var place in MountPoints) await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, place), cancellationToken);
        foreach (var file in program.Concat(libraries))
        {
            await using var content = File.OpenRead(file);
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, file.TrimStart('/')) { DataStream = content, Mode = (UnixFileMode)0b111_101_101 }, cancellationToken);
        }
    }

    static async Task<IEnumerable<string>> NeededAsync(IEnumerable<string> native, CancellationToken cancellationToken)
    {
        using var ldd = Process.Start(new ProcessStartInfo("ldd", native) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var told = await ldd.StandardOutput.ReadToEndAsync(cancellationToken);
        await ldd.WaitForExitAsync(cancellationToken);
        return Library().Matches(told).Select(m => m.Groups[1].Value);
    }

    [GeneratedRegex(@"^\s+(?:\S+ => )?(/\S+) \(0x", RegexOptions.Multiline)]
    private static partial Regex Library();
}
