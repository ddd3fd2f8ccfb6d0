using System.Diagnostics;
using System.Runtime.InteropServices;
using Slidebridge.Slides;
using Slidebridge.Slides.Formats.OpenSlide;
using Slidebridge.Slides.Formats.OpenSlide.Reader;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>libopenslide in its process: what a crash, a hang and a slide that asks for other files come to.</summary>
public sealed class OpenSlideProcessTests : ServedSlideTests
{
    const int Kill = 9, Stop = 19;

    [Theory]
    [InlineData(Kill, "crashed OpenSlide")]
    [InlineData(Stop, "did not finish reading within 2 s")]
    public async Task A_reader_that_dies_or_hangs_fails_its_slide_and_nothing_else(int signal, string told)
    {
        using var file = OpenSlideFile.Open(await WriteAsync("slide.tif"), null, "a slide", patience: TimeSpan.FromSeconds(2));
        using var other = OpenSlideFile.Open(await WriteAsync("other.tif"), null, "a slide");
        var pixels = new uint[100 * 100];
        file.ReadRegion(pixels, 0, 0, 0, 100, 100);
        foreach (var reader in file.Readers) Assert.Equal(0, kill(reader, signal));

        var failure = Assert.Throws<SlideFormatException>(() => file.ReadRegion(pixels, 0, 0, 0, 100, 100));
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        // It is not given the slide again.
        Assert.Throws<SlideFormatException>(() => file.ReadRegion(pixels, 0, 0, 0, 100, 100));
        other.ReadRegion(pixels, 0, 0, 0, 100, 100);
        Assert.Contains(pixels, pixel => pixel != 0);
    }

    [Fact]
    public async Task A_slide_that_is_closed_does_not_wait_for_a_reader_that_hangs()
    {
        var file = OpenSlideFile.Open(await WriteAsync("slide.tif"), null, "a slide");
        Assert.Equal(0, kill(Assert.Single(file.Readers), Stop));
        var reading = Task.Run(() => file.ReadRegion(new uint[100 * 100], 0, 0, 0, 100, 100), Token);
        file.Dispose();
        Assert.IsType<ObjectDisposedException>(await Record.ExceptionAsync(() => reading));
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

    /// <summary>OpenSlide itself opens the picture <c>slide.Full</c> beside a slide of this kind, and shows it as the macro image.</summary>
    [Theory]
    [InlineData(false, false, false)] // A slide from elsewhere: nothing beside it is read, though it lies there.
    [InlineData(true, false, true)] // An operator's own: what lies beside it is.
    [InlineData(true, true, false)] // But nothing outside of its folder, also where a link leads there.
    public async Task Another_file_is_out_of_a_readers_reach(bool isOperatorsOwn, bool isElsewhere, bool isRead)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Landlock is Linux's.");
        var own = Directory.CreateDirectory(Folder.File("own")).FullName;
        var path = await WriteAsync(Path.Combine("own", "slide.tif"));
        var companion = Path.Combine(own, "slide.Full");
        var picture = isElsewhere ? Folder.File("victim.jpg") : companion;
        using (var bitmap = new SkiaSharp.SKBitmap(64, 48))
        await using (var jpeg = File.Create(picture))
            bitmap.Encode(jpeg, SkiaSharp.SKEncodedImageFormat.Jpeg, 90);
        if (isElsewhere) File.CreateSymbolicLink(companion, picture);
        using var file = OpenSlideFile.Open(path, isOperatorsOwn ? own : null, "a slide");
        Assert.Equal(isRead ? ["macro"] : Array.Empty<string>(), file.Description.Images.Select(image => image.Name));
    }

    [Fact]
    public async Task An_operators_own_slide_may_be_a_link()
    {
        await WriteAsync("slide.tif");
        var folder = Directory.CreateDirectory(Folder.File("links")).FullName;
        var link = File.CreateSymbolicLink(Path.Combine(folder, "link.tif"), Folder.File("slide.tif"));
        await using var slide = await Slide.OpenAsync(link.FullName, cancellationToken: Token);
        Assert.Equal("openslide-trestle", slide.Format);
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
