using System.Diagnostics;
using System.Text;
using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>What the bytes are is said where they cannot be read. The choice of the library is made once a process, so these run in one of their own.</summary>
public sealed class ForeignSlideTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The tests below, in a process that leaves libopenslide out.</summary>
    [Fact]
    public async Task Without_OpenSlide_a_slide_that_needs_it_is_named_and_the_package_too()
    {
        var tests = Path.Combine(AppContext.BaseDirectory, "Slidebridge.Tests.dll");
        var start = new ProcessStartInfo("dotnet", [tests, "-class", typeof(WithoutOpenSlideTests).FullName!, "-explicit", "only", "-noColor"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLIDEBRIDGE_OPENSLIDE"] = "off";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, output + await errors);
        Assert.Contains("Total: 8, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Ordinary => new()
    {
        { "FFD8FFE000104A46", "a JPEG picture" },
        { "89504E470D0A1A0A", "a PNG picture" },
        { "255044462D312E37", "a PDF document" },
        { Hex("<!DOCTYPE html><html>"), "a web page" },
        { Hex("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>"), "an XML error message" },
        { Hex("{\"message\":\"no\"}"), "a JSON document" },
        { "1F8B0800", "gzip" },
        { "", "(0 bytes)" },
        { Hex("[Virtual Microscope Specimen]\r\nNoLayers=1\r\n"), "VMS" },
    };

    [Theory]
    [MemberData(nameof(Ordinary))]
    public async Task Bytes_that_are_no_slide_are_named(string hex, string said)
    {
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(new MemorySource(Convert.FromHexString(hex)), cancellationToken: Token));
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_and_an_empty_file_have_no_byte_and_nobody_waits_for_one()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("empty"), [], Token);
        ExternalTool.Run("mkfifo", "coreutils", folder.File("pipe"));
        File.CreateSymbolicLink(folder.File("link"), "pipe");
        using var open = new System.IO.Pipes.AnonymousPipeServerStream();
        File.CreateSymbolicLink(folder.File("open"), $"/dev/fd/{open.ClientSafePipeHandle.DangerousGetHandle()}");
        foreach (var name in new[] { "empty", "pipe", "link", "open" })
        {
            var failure = await Assert.ThrowsAsync<SlideFormatException>(() => Task.Run(() => Slide.OpenAsync(folder.File(name), cancellationToken: Token), Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
            Assert.Contains("(0 bytes)", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_NDPI_beyond_4_GiB_is_known_by_its_directory_at_the_end()
    {
        const long At = 5L << 30;
        using var folder = new TemporaryFolder();
        var path = folder.File("large");
        await using (var file = File.Create(path))
        {
            file.Write("II*\0"u8);
            file.Write(BitConverter.GetBytes(At));
            // One field: tag 65420, a long, 1 value, 1; then no next directory. What lies between is a hole.
            file.Position = At;
            file.Write([1, 0, 0x8C, 0xFF, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(path, cancellationToken: Token));
        Assert.Contains("Hamamatsu NDPI", failure.Message, StringComparison.Ordinal);
    }

    static string Hex(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));
}

/// <summary>Run by <see cref="ForeignSlideTests"/>, without libopenslide.</summary>
public sealed class WithoutOpenSlideTests
{
    public static TheoryData<string, string> Kinds => new()
    {
        { "305 Philips DP v1.0", "Philips TIFF" },
        { "270 <?xml version=\"1.0\"?><DataObject ObjectType=\"DPUfsImport\">", "Philips TIFF" },
        { "700 <?xpacket?><iScan ScanRes=\"0.25\">", "Ventana BIF" },
        { "270 <?xml?><scn xmlns=\"http://www.leica-microsystems.com/scn/2010/10/01\">", "Leica SCN" },
        { "65420 ", "Hamamatsu NDPI" },
        { "305 MedScan 1.0", "Trestle TIFF" },
    };

    [Theory(Explicit = true)]
    [MemberData(nameof(Kinds))]
    public async Task A_tiff_of_a_maker_of_its_own_is_named(string mark, string said)
    {
        var builder = new TiffBuilder(new TiffLayout());
        var page = new TiffPicture(100, 80, (64, 48)).Page(TiffPacking.None);
        var (tag, text) = (int.Parse(mark.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture), mark[(mark.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        builder.Pages.Add(tag == 65420 ? page.Set(tag, 4, 1) : tag == 700 ? page.SetBytes(tag, Encoding.UTF8.GetBytes(text)) : page.SetText(tag, text));
        await AssertNamedAsync(builder.Build(), said);
    }

    [Theory(Explicit = true)]
    [InlineData("ZISRAWFILE\0\0\0\0\0\0", "Zeiss CZI")]
    [InlineData("SQLite format 3\0", "SVSLIDE")]
    public async Task A_slide_in_a_container_of_its_own_is_named(string start, string said)
    {
        await AssertNamedAsync([.. Encoding.ASCII.GetBytes(start), .. new byte[1000]], said);
    }

    static async Task AssertNamedAsync(byte[] bytes, string said)
    {
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(new MemorySource(bytes), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        Assert.Contains("libopenslide", failure.Message, StringComparison.Ordinal);
    }
}
