using System.Diagnostics;
using Slidebridge.Slides.Codecs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>The choice of the decoder is made once a process, so each one proves itself in a process of its own.</summary>
public sealed class JpegDecoderTests
{
    [Theory]
    [InlineData("turbo")]
    [InlineData("skia")]
    public async Task Each_decoder_has_OpenSlides_pixels(string decoder)
    {
        if (decoder == "turbo" && !TurboJpeg.IsAvailable) Assert.Skip("libturbojpeg is not installed.");
        using var folder = new TemporaryFolder();
        OpenSlideReference.Read(SharedFiles.CmuSmallRegion, folder);

        var tests = Path.Combine(AppContext.BaseDirectory, "Slidebridge.Tests.dll");
        var start = new ProcessStartInfo("dotnet", [tests, "-class", typeof(OpenSlideEquality).FullName!, "-noColor"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLIDEBRIDGE_JPEG"] = decoder;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        Assert.Contains("Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }
}
