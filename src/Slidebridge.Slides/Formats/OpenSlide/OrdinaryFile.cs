using System.Text;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>Describes bytes that are not a slide, so that the error message explains what the file is.</summary>
static class OrdinaryFile
{
    /// <summary>A complete sentence, or null for unknown bytes.</summary>
    public static string? Describe(SlideObject slide)
    {
        if (slide.Head.Length == 0) return "The slide is empty (0 bytes). Upload or copy it again.";
        if (slide.StartsWith([0xFF, 0xD8, 0xFF]))
            return "The bytes are a JPEG picture, not a slide. If it is the .mrxs file of a MIRAX slide, open it as a local file, with its folder beside it and with OpenSlide installed.";
        if (slide.StartsWith([0x89, (byte)'P', (byte)'N', (byte)'G'])) return Picture("PNG");
        if (slide.StartsWith("GIF8"u8)) return Picture("GIF");
        if (slide.StartsWith("BM"u8) && slide.Head.Length > 26 && slide.Head.Span[14] is 12 or 40 or 108 or 124) return Picture("BMP");
        if (slide.StartsWith("RIFF"u8) && slide.StartsWith("WEBP"u8, 8)) return Picture("WebP");
        if (slide.StartsWith([0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ']) || slide.StartsWith([0xFF, 0x4F, 0xFF, 0x51])) return Picture("JPEG 2000");
        if (slide.StartsWith("%PDF"u8)) return "The bytes are a PDF document, not a slide.";
        if (slide.StartsWith([0x1F, 0x8B])) return "The bytes are compressed with gzip. Decompress them, or pack them as a zip.";
        if (slide.StartsWith([(byte)'7', (byte)'z', 0xBC, 0xAF]) || slide.StartsWith("Rar!"u8)) return "The bytes are a 7z or RAR archive. Unpack it, or pack it as a zip.";
        var text = Encoding.Latin1.GetString(slide.Head.Span).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\t', '\r', '\n');
        if (Begins(text, "<!doctype html") || Begins(text, "<html")) return "The bytes are a web page, not a slide: most likely a sign-in page or an error. Use the direct URL of the file.";
        if (Begins(text, "<?xml") && text.Contains("<Error", StringComparison.Ordinal) || Begins(text, "<Error")) return "The bytes are an XML error message of a file store, not a slide. Request a new URL.";
        if (Begins(text, "<?xml")) return "The bytes are an XML document, not a slide.";
        return Begins(text, "{\"") || Begins(text, "{\n") ? "The bytes are a JSON document, not a slide." : null;
    }

    static string Picture(string kind) => $"The bytes are a {kind} picture, not a slide.";

    static bool Begins(string text, string word) => text.StartsWith(word, StringComparison.OrdinalIgnoreCase);
}
