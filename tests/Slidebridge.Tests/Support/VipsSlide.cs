namespace Slidebridge.Tests.Support;

/// <summary>A pyramidal TIFF that libvips writes from known pixels, and libvips' own reading of it.</summary>
sealed class VipsSlide
{
    readonly TemporaryFolder folder;

    /// <param name="folder">Where it lies.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Rows.</param>
    /// <param name="options">Of <c>vips tiffsave</c>.</param>
    public VipsSlide(TemporaryFolder folder, int width, int height, params string[] options)
    {
        this.folder = folder;
        Source = new TiffPicture(width, height, null).Pixels;
        var source = folder.File("source.ppm");
        File.WriteAllBytes(source, [.. System.Text.Encoding.ASCII.GetBytes($"P6\n{width} {height}\n255\n"), .. Source]);
        ExternalTool.Run("vips", "libvips-tools", ["tiffsave", source, Path, "--pyramid", "--tile", "--tile-width", "128", "--tile-height", "128", "--xres", "2000", "--yres", "2000", .. options]);
    }

    public string Path => folder.File("slide.tif");

    /// <summary>Rgb24 of what was packed.</summary>
    public byte[] Source { get; }

    /// <summary>Rgb24 of a level as libvips reads it.</summary>
    /// <param name="place">Such as <c>page=1</c> or <c>subifd=0</c>.</param>
    public byte[] Read(string place)
    {
        var target = folder.File("level.ppm");
        ExternalTool.Run("vips", "libvips-tools", "copy", $"{Path}[{place}]", target);
        var bytes = File.ReadAllBytes(target);
        // P6, a comment, the size, the depth: four line ends before the pixels.
        var at = 0;
        for (var line = 0; line < 4; line++) at = Array.IndexOf(bytes, (byte)'\n', at) + 1;
        return bytes[at..];
    }
}
