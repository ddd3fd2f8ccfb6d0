using System.Diagnostics;

namespace Slidebridge.Tests.Support;

/// <summary>Other people's DICOM programs, each in a process of its own; a test that needs one is skipped, by name, without it.</summary>
static class DicomTools
{
    /// <summary>Runs a program of Debian's <c>dcmtk</c>, <c>dicom3tools</c> or <c>openjph-tools</c> and returns what it says on both outputs.</summary>
    public static async Task<(int Code, string Said)> TryAsync(string program, params string[] arguments)
    {
        Process? process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed (Debian: dcmtk, dicom3tools, openjph-tools).");
            throw;
        }
        using (process)
        {
            var errors = process!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, said);
        }
    }

    /// <summary>The same for a program that must succeed.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, said) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program}: {said}");
        return said;
    }

    /// <summary>All frames of an object as dcmtk shows them: Rgb24, in order.</summary>
    public static async Task<IReadOnlyList<byte[]>> FramesAsync(string path, TemporaryFolder folder)
    {
        var name = $"frames-{Guid.NewGuid():n}";
        await RunAsync("dcmj2pnm", "--all-frames", "--write-raw-pnm", path, folder.File(name));
        var frames = new List<byte[]>();
        for (var i = 0; ; i++)
        {
            var file = Directory.GetFiles(folder.Path, $"{name}.{i}.p?m").SingleOrDefault();
            if (file is null) return frames;
            frames.Add(Pixels(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)));
        }
    }

    // "P6\n256 256\n255\n" then the samples; P5 is grey.
    static byte[] Pixels(byte[] file)
    {
        int at = 0;
        for (var lines = 0; lines < 3; at++)
            if (file[at] == '\n') lines++;
        return file[1] == '6' ? file[at..] : [.. file[at..].SelectMany(gray => new[] { gray, gray, gray })];
    }
}
