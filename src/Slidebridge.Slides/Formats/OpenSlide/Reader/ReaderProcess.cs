using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>A separate process that has one slide open with libopenslide. One caller at a time. Its answers are checked like input from outside: the process has parsed hostile bytes.</summary>
sealed class ReaderProcess : IDisposable
{
    /// <summary>Pixels per transfer through the pixels' file, which uses shared memory (/dev/shm). Containers have little of it.</summary>
    public const int MostPixels = 2 * 1024 * 1024;

    const string SharedMemory = "/dev/shm";

    /// <summary>A call takes milliseconds; for a large associated image, seconds. The reader process also limits its own processor time.</summary>
    public static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(60);

    static readonly byte[] RuntimeConfig = System.Text.Encoding.UTF8.GetBytes(
        $$$"""{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"{{{Environment.Version.ToString(3)}}}"},"rollForward":"Minor"}}""");

    // The reader needs only this assembly and the runtime; other files beside the program do not matter.
    static readonly byte[] Dependencies = System.Text.Encoding.UTF8.GetBytes("""
        {"runtimeTarget":{"name":".NETCoreApp,Version=v10.0"},"targets":{".NETCoreApp,Version=v10.0":{"Slidebridge.Slides/1.0.0":{"runtime":{"Slidebridge.Slides.dll":{}}}}},
        "libraries":{"Slidebridge.Slides/1.0.0":{"type":"project","serviceable":false,"sha512":""}}}
        """);

    readonly Process process;
    readonly string what;
    readonly TimeSpan patience;
    SafeFileHandle? pixels;

    ReaderProcess(Process process, string what, TimeSpan patience) => (this.process, this.what, this.patience) = (process, what, patience);

    /// <summary>OpenSlide's description of the slide.</summary>
    public ReaderDescription Description { get; private set; } = null!;

    /// <summary>The process, for tests.</summary>
    public int Id => process.Id;

    /// <summary>Starts a process and opens a slide in it.</summary>
    /// <param name="path">The slide's file.</param>
    /// <param name="folder">The folder that the process may read too, for an operator's own slide of several files; null for none.</param>
    /// <param name="what">The kind of slide, for messages.</param>
    /// <param name="patience">Time limit of one call; after it the process is killed.</param>
    /// <exception cref="SlideFormatException">OpenSlide does not open it, or the process cannot be started.</exception>
    public static ReaderProcess Start(string path, string? folder, string what, TimeSpan patience)
    {
        var place = Directory.CreateTempSubdirectory("slidebridge-reader-"); // Mode 0700 on Unix.
        try
        {
            var config = Path.Combine(place.FullName, "reader.runtimeconfig.json");
            File.WriteAllBytes(config, RuntimeConfig);
            var dependencies = Path.Combine(place.FullName, "reader.deps.json");
            File.WriteAllBytes(dependencies, Dependencies);
            var pixels = Path.Combine(Directory.Exists(SharedMemory) ? SharedMemory : place.FullName, $"slidebridge-pixels-{Guid.NewGuid():n}");
            var reader = new ReaderProcess(Launch(config, dependencies), what, patience);
            try
            {
                reader.Open(path, folder, pixels);
                return reader;
            }
            catch
            {
                reader.Dispose();
                throw;
            }
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    public void ReadRegion(Span<uint> into, long x, long y, int level, int width, int height)
    {
        var rows = Math.Max(1, MostPixels / width);
        for (var row = 0; row < height; row += rows)
        {
            var count = Math.Min(rows, height - row);
            var top = y + (long)Math.Round(row * Description.Levels[level].Downsample);
            Ask(writer =>
            {
                writer.Write((byte)ReaderOrder.Region);
                writer.Write(x);
                writer.Write(top);
                writer.Write(level);
                writer.Write(width);
                writer.Write(count);
            }, static _ => true);
            Take(into.Slice(row * width, count * width));
        }
    }

    public void ReadImage(string name, Span<uint> into)
    {
        for (var first = 0; first < into.Length; first += MostPixels)
        {
            var count = Math.Min(MostPixels, into.Length - first);
            Ask(writer =>
            {
                writer.Write((byte)ReaderOrder.Image);
                writer.Write(name);
                writer.Write((long)first);
                writer.Write((long)count);
            }, static _ => true);
            Take(into.Slice(first, count));
        }
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
        pixels?.Dispose();
    }

    void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // The process has already ended.
        }
    }

    void Open(string path, string? folder, string pixelsPath)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (new FileStream(pixelsPath, options)) pixels = File.OpenHandle(pixelsPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            Description = Ask(writer =>
            {
                writer.Write((byte)ReaderOrder.Open);
                writer.Write(Path.GetFullPath(path));
                writer.Write(pixelsPath);
                writer.Write(folder is null ? "" : Path.GetFullPath(folder));
            }, ReaderDescription.Read);
        }
        finally
        {
            File.Delete(pixelsPath); // Both processes have it open: after a crash, no pixels are left on disk.
        }
    }

    T Ask<T>(Action<BinaryWriter> order, Func<BinaryReader, T> answer)
    {
        var late = false;
        using var limit = new Timer(_ =>
        {
            late = true;
            Kill();
        }, null, patience, Timeout.InfiniteTimeSpan);
        try
        {
            ReaderFrame.Write(process.StandardInput.BaseStream, order);
            using var reader = new BinaryReader(new MemoryStream(ReaderFrame.Read(process.StandardOutput.BaseStream) ?? throw new EndOfStreamException()));
            if (reader.ReadString() is { Length: > 0 } error) throw new ReaderException(error);
            return answer(reader);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new SlideFormatException(
                late ? $"The slide is {what} that OpenSlide did not finish reading within {patience.TotalSeconds:0.#} s. It is damaged or malicious."
                    : $"The slide is {what} that crashed OpenSlide. It is damaged or malicious, or needs more memory than a reader process may use.");
        }
    }

    void Take(Span<uint> into)
    {
        var bytes = MemoryMarshal.AsBytes(into);
        for (long offset = 0; bytes.Length > 0;)
        {
            var read = RandomAccess.Read(pixels!, bytes, offset);
            if (read == 0) throw new SlideFormatException($"The slide is {what} for which OpenSlide returned too few pixels.");
            offset += read;
            bytes = bytes[read..];
        }
    }

    static Process Launch(string config, string dependencies)
    {
        var assembly = typeof(ReaderProcess).Assembly.Location;
        if (assembly.Length == 0 || !File.Exists(assembly)) throw CannotStart("Slidebridge.Slides.dll is not beside the program (the program was published as a single file)");
        var start = new ProcessStartInfo(DotnetHost(), ["exec", "--runtimeconfig", config, "--depsfile", dependencies, assembly])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetPathRoot(assembly)!,
        };
        // Pass only the environment variables that the loaders need: our environment contains secrets.
        var library = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH");
        start.Environment.Clear();
        if (OperatingSystem.IsWindows()) start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        if (library is not null) start.Environment["LD_LIBRARY_PATH"] = library;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x10000000";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        try
        {
            var process = Process.Start(start) ?? throw CannotStart("the system did not start the process");
            process.ErrorDataReceived += static (_, _) => { }; // A library's messages may contain patients' names.
            process.BeginErrorReadLine();
            return process;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw CannotStart($"'dotnet' cannot be started (error {e.NativeErrorCode})");
        }
    }

    /// <summary>The host executable of the current runtime. A self-contained program has none beside it; then the system's <c>dotnet</c> is tried.</summary>
    static string DotnetHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }

    static SlideFormatException CannotStart(string why) => new($"The slide is read through OpenSlide in a separate process, which cannot be started: {why}.");
}

/// <summary>OpenSlide's own error message.</summary>
sealed class ReaderException(string error) : Exception(error);
