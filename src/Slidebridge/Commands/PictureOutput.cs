using System.CommandLine;
using Slidebridge.Slides;

namespace Slidebridge.Commands;

/// <summary>A picture that a command writes; the extension of its name decides the encoding.</summary>
static class PictureOutput
{
    // Maximum edges: JPEG has 16 bits, WebP 14: RFC 9649 §2.6.
    const int MostJpeg = 65_535, MostWebP = 16_383;

    public static Argument<string> Argument() => new("OUT") { Description = "The picture's file: .png, .jpg or .webp." };

    public static Option<int> Quality() => new Option<int>("--quality") { HelpName = "N", Description = "Quality of JPEG and WebP, 1 to 100. PNG is lossless.", DefaultValueFactory = _ => 90 }
        .Accept(quality => quality is >= 1 and <= 100, "--quality must be 1 to 100.");

    /// <summary>The encoding's extension: <c>.png</c>, <c>.jpg</c> or <c>.webp</c>.</summary>
    /// <exception cref="CommandException">The name has another extension.</exception>
    public static string KindOf(string output) => Path.GetExtension(output).ToLowerInvariant() switch
    {
        ".png" => ".png",
        ".jpg" or ".jpeg" => ".jpg",
        ".webp" => ".webp",
        "" => throw new CommandException($"'{output}' has no extension. Name it .png, .jpg or .webp.", 2),
        var other => throw new CommandException($"'{other}' is not a supported picture type. Use .png, .jpg or .webp.", 2),
    };

    /// <exception cref="CommandException">The picture is too large for the encoding.</exception>
    public static byte[] Encode(Raster picture, string kind, int quality)
    {
        var most = kind == ".jpg" ? MostJpeg : kind == ".webp" ? MostWebP : int.MaxValue;
        if (Math.Max(picture.Width, picture.Height) > most)
            throw new CommandException($"The picture has {picture.Width} × {picture.Height} pixels; the maximum edge of {kind} is {most}. Write a .png, or a smaller picture.", 2);
        return kind switch
        {
            ".jpg" => picture.EncodeJpeg(quality),
            ".webp" => picture.EncodeWebP(quality),
            _ => picture.EncodePng(),
        };
    }

    /// <summary>Opens a slide, makes a picture of it and writes it, completely or not at all.</summary>
    public static async Task<int> WriteAsync(string slide, string output, bool force, int quality, string what, Func<Slide, Task<Raster>> read, TextWriter warnings, CancellationToken cancellationToken)
    {
        var kind = KindOf(output);
        var place = SlideCommand.Place(output, force, isFolder: false);
        await using var from = await NamedSlide.OpenAsync(slide, cancellationToken);
        await SlideCommand.WriteAsync(place, what, async (part, _) => await File.WriteAllBytesAsync(part, Encode(await read(from), kind, quality), cancellationToken));
        await SlideWarningLines.WriteAsync(from, warnings);
        return 0;
    }
}
