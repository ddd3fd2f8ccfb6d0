using System.Diagnostics;
using System.Text.Json;
using Slidebridge.Slides;

namespace Slidebridge.Tests.Support;

/// <summary>OpenSlide's own reading of a slide, through python3-openslide in a process of its own.</summary>
sealed record OpenSlideReference(
    string Vendor, int[][] Levels, double[] Downsamples, string? MppX, string? ObjectivePower, Dictionary<string, int[]> AssociatedImages)
{
    const string Script = """
        import sys, json, openslide
        ask = json.load(sys.stdin)
        slide = openslide.OpenSlide(ask["slide"])
        p = slide.properties
        for i, (level, x, y, w, h) in enumerate(ask["regions"]):
            open(f"{ask['out']}/region{i}", "wb").write(slide.read_region((x, y), level, (w, h)).tobytes())
        images = {}
        for name, image in slide.associated_images.items():
            images[name] = image.size
            open(f"{ask['out']}/{name}", "wb").write(image.tobytes())
        print(json.dumps(dict(Vendor=p["openslide.vendor"], Levels=slide.level_dimensions, Downsamples=slide.level_downsamples,
            MppX=p.get("openslide.mpp-x"), ObjectivePower=p.get("openslide.objective-power"), AssociatedImages=images)))
        """;

    static readonly Lazy<string?> Python = new(() =>
        new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(python => Run(python, "-c", "import openslide", null, out _) == 0));

    /// <summary>Opens the slide with OpenSlide; regions go to region0, region1, … in the folder and images to their names, as RGBA. Skips the test without it.</summary>
    public static OpenSlideReference Read(string slide, TemporaryFolder folder, params Region[] regions)
    {
        if (Python.Value is null) Assert.Skip("python3-openslide is not installed.");
        var ask = JsonSerializer.Serialize(new { slide, @out = folder.Path, regions = regions.Select(r => new[] { r.Level, r.X, r.Y, r.Width, r.Height }) });
        var code = Run(Python.Value, "-c", Script, ask, out var answer);
        Assert.True(code == 0, $"OpenSlide could not read the slide: {answer}");
        return JsonSerializer.Deserialize<OpenSlideReference>(answer)!;
    }

    /// <summary>
    /// True where OpenSlide shows nothing of a tile that is larger than its whole picture, unless that is a JPEG: since libtiff's mend of CVE-2025-9900
    /// (Debian 4.5.0-6+deb12u4), which writes such a tile with other rows than OpenSlide 3.4.1 asked for.
    /// </summary>
    public static bool MisreadsSmallPictures { get; } = ProbeSmallPicture();

    static bool ProbeSmallPicture()
    {
        using var folder = new TemporaryFolder();
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffPicture(32, 32, (64, 64)).Page(TiffPacking.Deflate));
        File.WriteAllBytes(folder.File("small.tiff"), builder.Build());
        Read(folder.File("small.tiff"), folder, new Region(0, 0, 0, 32, 32));
        return File.ReadAllBytes(folder.File("region0")).Where((_, i) => i % 4 == 3).Any(alpha => alpha != 255);
    }

    static int Run(string program, string flag, string script, string? input, out string output)
    {
        output = "";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, [flag, script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) output = errors.Result;
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
