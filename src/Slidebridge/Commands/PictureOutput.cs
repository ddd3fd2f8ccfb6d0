using System.CommandLine;
using Slidebridge.Slides;

namespace Slidebridge.Commands;

/// <summary>A picture that a command writes: the name's extension says what it is encoded as.</summary>
static class PictureOutput
{
    // JPEG has 16 bits for an edge, WebP 14: RFC 9649 §2.6.
    const int MostJpeg = 65_535, MostWebP = 16_383;

    public static Argument<string> Argument() => new("OUT") { Description = "The picture's file. Its extension says what it is: .png, .jpg or .webp." };

    public static Option<int> Quality() => new Option<int>("--quality") { HelpName = "N", Description = "Quality of JPEG and WebP, 1 to 100. PNG is lossless.", DefaultValueFactory = _ => 90 }
        .Accept(quality => quality is >= 1 and <= 100, "--quality must be 1 to 100.");

    /// <summary>The extension that the encoding goes by: <c>.png</c>, <c>.jpg</c> or <c>.webp</c>.</summary>
    /// <exception cref="CommandException">The name has another one.</exception>
    public static string KindOf(string output) => Path.GetExtension(output).ToLowerInvariant() switch
    {
        ".png" => ".png",
        ".jpg" or ".jpeg" => ".jpg",
        ".webp" => ".webp",
        "" => throw new CommandException($"'{output}' has no extension. Name it .png, .jpg or .webp.", 2),
        var other => throw new CommandException($"'{other}' is no picture that is written. Name it .png, .jpg or .webp.", 2),
    };

    /// <exception cref="CommandException">The picture is too large for what it is to be.</exception>
    public static byte[] Encode(Raster picture, string kind, int quality)
    {
        var most = kind == ".jpg" ? MostJpeg : kind == ".webp" ? MostWebP : int.MaxValue;
        if (Math.Max(picture.Width, picture.Height) > most)
            throw new CommandException($"The picture has {picture.Width} × {picture.Height} pixels; {kind} holds at most {most} a side. Name it .png, or ask for a smaller one.", 2);
        return kind switch
        {
            ".jpg" => picture.EncodeJpeg(quality),
            ".webp" => picture.EncodeWebP(quality),
            _ => picture.EncodePng(),
        };
    }

    /// <summary>Opens a slide, makes a picture of it and writes that, whole or not at all.</summary>
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
