using System.Diagnostics;
using System.Runtime.InteropServices;
using Slidebridge.Slides;
using Slidebridge.Slides.Formats.OpenSlide;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>libopenslide in its process: what a crash, a hang and a slide that asks for other files come to.</summary>
public sealed class OpenSlideProcessTests : ServedSlideTests
{
    const int Kill = 9, Stop = 19;

    [Theory]
    [InlineData(Kill)]
    [InlineData(Stop)]
    public async Task A_reader_that_dies_or_hangs_fails_its_slide_and_nothing_else(int signal)
    {
        using var file = OpenSlideFile.Open(await WriteAsync("slide.tif"), null, "a slide");
        using var other = OpenSlideFile.Open(await WriteAsync("other.tif"), null, "a slide");
        var pixels = new uint[100 * 100];
        file.ReadRegion(pixels, 0, 0, 0, 100, 100);
        foreach (var reader in file.Readers) Assert.Equal(0, kill(reader, signal));

        // Whoever hangs is given up after a minute by the bridge; the slide that is closed meanwhile ends at once.
        var reading = Task.Run(() => file.ReadRegion(pixels, 0, 0, 0, 100, 100), Token);
        if (signal == Kill)
        {
            var failure = await Assert.ThrowsAsync<SlideFormatException>(() => reading);
            Assert.Contains("broke down", failure.Message, StringComparison.Ordinal);
            // It is not given the slide again.
            Assert.Throws<SlideFormatException>(() => file.ReadRegion(pixels, 0, 0, 0, 100, 100));
        }
        else
        {
            file.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        }
        other.ReadRegion(pixels, 0, 0, 0, 100, 100);
        Assert.Contains(pixels, pixel => pixel != 0);
    }

    [Fact]
    public async Task A_reader_is_given_no_secret_and_cannot_look_around()
    {
        Environment.SetEnvironmentVariable("SLIDEBRIDGE_TEST_SECRET", "a secret");
        using var file = OpenSlideFile.Open(await WriteAsync("slide.tif"), null, "a slide");
        var reader = Assert.Single(file.Readers);
        Assert.DoesNotContain("a secret", await File.ReadAllTextAsync($"/proc/{reader}/environ", Token), StringComparison.Ordinal);
        Assert.DoesNotContain("slide.tif", await File.ReadAllTextAsync($"/proc/{reader}/cmdline", Token), StringComparison.Ordinal);
        foreach (var task in Directory.GetDirectories($"/proc/{reader}/task"))
        {
            var status = await File.ReadAllTextAsync(Path.Combine(task, "status"), Token);
            Assert.Contains("Seccomp:\t2", status, StringComparison.Ordinal);
        }
        Assert.Matches("Max core file size +0 +0", await File.ReadAllTextAsync($"/proc/{reader}/limits", Token));
    }

    [Fact]
    public async Task A_slide_from_a_url_opens_no_file_beside_it_nor_anywhere_else()
    {
        // What a key file names: a picture of somebody else's, by its path and through the open files of the process.
        var victim = Folder.File("victim.jpg");
        await File.WriteAllBytesAsync(victim, new byte[1000], Token);
        var key = $"[Virtual Microscope Specimen]\nNoLayers=1\nNoJpegColumns=1\nNoJpegRows=1\nImageFile=../../../../../..{victim}\nMacroImage=/proc/self/fd/57\nMapFile={victim}\n";
        var bytes = System.Text.Encoding.ASCII.GetBytes(key);
        foreach (var opened in new Func<Task<Slide>>[]
        {
            () => Slide.OpenAsync(Server.Serve(bytes).Url, cancellationToken: Token),
            () => Slide.OpenAsync(new MemorySource(bytes), cancellationToken: Token),
            () => Slide.OpenAsync([new MemorySource(bytes)], cancellationToken: Token),
        })
        {
            var failure = await Assert.ThrowsAsync<SlideFormatException>(opened);
            Assert.Contains("several files", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_readers_processes_end_with_its_slide()
    {
        var slide = await Slide.OpenAsync(Server.Serve(TrestleSlide.Build(out _)).Url, cancellationToken: Token);
        await slide.DisposeAsync();
        while (Process.GetProcessesByName("dotnet").Any(process => Parent(process.Id) == Environment.ProcessId)) await Task.Delay(20, Token);
    }

    async Task<string> WriteAsync(string name)
    {
        if (!OpenSlideLibrary.IsAvailable) Assert.Skip("libopenslide is not installed (Debian: libopenslide0).");
        await File.WriteAllBytesAsync(Folder.File(name), TrestleSlide.Build(out _), Token);
        return Folder.File(name);
    }

    static int Parent(int process)
    {
        try
        {
            return int.Parse(File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [DllImport("libc", SetLastError = true)]
    static extern int kill(int process, int signal);
}
