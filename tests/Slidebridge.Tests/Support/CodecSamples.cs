namespace Slidebridge.Tests.Support;

/// <summary>A small picture with known pixels, and what other people's encoders make of it.</summary>
sealed class CodecSamples(TemporaryFolder folder, int width, int height, byte[]? rgb = null)
{
    /// <summary>Rgb24: slow waves and a little noise.</summary>
    public byte[] Rgb { get; } = rgb ?? new TiffPicture(width, height, null).Pixels;

    /// <summary>The red channel.</summary>
    public byte[] Gray => [.. Rgb.Where((_, i) => i % 3 == 0)];

    /// <summary>Full range BT.601, the chroma at a sample for every <paramref name="step"/> pixels: three planes.</summary>
    public (byte[] Y, byte[] Cb, byte[] Cr) YCbCr(int step)
    {
        byte[] y = new byte[width * height], cb = new byte[(width + step - 1) / step * height], cr = new byte[cb.Length];
        for (var i = 0; i < y.Length; i++)
        {
            double r = Rgb[i * 3], g = Rgb[i * 3 + 1], b = Rgb[i * 3 + 2];
            var light = 0.299 * r + 0.587 * g + 0.114 * b;
            var chroma = i / width * ((width + step - 1) / step) + i % width / step;
            (y[i], cb[chroma], cr[chroma]) = ((byte)Math.Round(light), Round(128 + (b - light) / 1.772), Round(128 + (r - light) / 1.402));
        }
        return (y, cb, cr);

        static byte Round(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
    }

    /// <summary>Packs RGB as a JPEG 2000 code stream, or JP2 by the extension, with OpenJPEG's own program.</summary>
    public byte[] OpenJpeg(string extension, params string[] options) => Convert("opj_compress", "libopenjp2-tools", Ppm(Rgb, 3), extension, options);

    public byte[] OpenJpegGray(params string[] options) => Convert("opj_compress", "libopenjp2-tools", Ppm(Gray, 1), "j2k", options);

    /// <summary>Packs planes as they are, as Aperio 33003 does: no transform in the stream, the chroma halved along a row where step is 2.</summary>
    public byte[] OpenJpegYCbCr(int step, params string[] options)
    {
        var (y, cb, cr) = YCbCr(step);
        var raw = folder.File("planes.raw");
        File.WriteAllBytes(raw, [.. y, .. cb, .. cr]);
        var target = folder.File("planes.j2k");
        ExternalTool.Run("opj_compress", "libopenjp2-tools", ["-i", raw, "-o", target, "-mct", "0", "-F", $"{width},{height},3,8,u@1x1:{step}x1:{step}x1", .. options]);
        return File.ReadAllBytes(target);
    }

    /// <summary>Packs RGB as HTJ2K.</summary>
    public byte[] OpenJph(params string[] options) => Convert("ojph_compress", "openjph-tools", Ppm(Rgb, 3), "j2c", options);

    byte[] Convert(string program, string package, string source, string extension, string[] options)
    {
        var target = folder.File("packed." + extension);
        ExternalTool.Run(program, package, ["-i", source, "-o", target, .. options]);
        return File.ReadAllBytes(target);
    }

    string Ppm(byte[] samples, int channels)
    {
        var path = folder.File(channels == 3 ? "source.ppm" : "source.pgm");
        File.WriteAllBytes(path, [.. System.Text.Encoding.ASCII.GetBytes($"P{(channels == 3 ? 6 : 5)}\n{width} {height}\n255\n"), .. samples]);
        return path;
    }
}
