using System.Runtime.InteropServices;
using Slidebridge.Classifiers.Inference.Description;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>Writes a tile's Rgb24 pixels into the tensor: normalised, in the model's layout and channel order. One pass, with tables of 256 numbers.</summary>
sealed class PixelWriter
{
    readonly bool channelsLast, isBgr;
    readonly Element element;
    readonly float[][] floats;
    readonly Half[][] halves;

    public PixelWriter(ModelInput input, Element element)
    {
        (channelsLast, isBgr, this.element) = (input.ChannelsLast, input.IsBgr, element);
        floats = [.. Enumerable.Range(0, 3).Select((input.Normalisation ?? Normalisation.Default).TableOf)];
        halves = [.. floats.Select(table => Array.ConvertAll(table, value => (Half)value))];
    }

    public void Write(ReadOnlySpan<byte> pixels, Span<byte> tensor)
    {
        switch (element)
        {
            case Element.UInt8: Order(pixels, tensor); break;
            case Element.Float16: Map(pixels, MemoryMarshal.Cast<byte, Half>(tensor), halves[0], halves[1], halves[2]); break;
            default: Map(pixels, MemoryMarshal.Cast<byte, float>(tensor), floats[0], floats[1], floats[2]); break;
        }
    }

    void Map<T>(ReadOnlySpan<byte> pixels, Span<T> tensor, ReadOnlySpan<T> reds, ReadOnlySpan<T> greens, ReadOnlySpan<T> blues)
    {
        var count = pixels.Length / 3;
        if (channelsLast)
        {
            var (red, blue) = isBgr ? (2, 0) : (0, 2);
            for (var i = 0; i + 2 < pixels.Length; i += 3)
            {
                tensor[i + red] = reds[pixels[i]];
                tensor[i + 1] = greens[pixels[i + 1]];
                tensor[i + blue] = blues[pixels[i + 2]];
            }
            return;
        }
        Span<T> first = tensor[..count], second = tensor.Slice(count, count), third = tensor.Slice(2 * count, count);
        Span<T> toRed = isBgr ? third : first, toBlue = isBgr ? first : third;
        for (int i = 0, p = 0; i < first.Length; i++, p += 3)
        {
            toRed[i] = reds[pixels[p]];
            second[i] = greens[pixels[p + 1]];
            toBlue[i] = blues[pixels[p + 2]];
        }
    }

    void Order(ReadOnlySpan<byte> pixels, Span<byte> tensor)
    {
        if (channelsLast && !isBgr)
        {
            pixels.CopyTo(tensor);
            return;
        }
        var count = pixels.Length / 3;
        for (var i = 0; i < pixels.Length; i++)
        {
            var channel = isBgr ? 2 - i % 3 : i % 3;
            tensor[channelsLast ? i / 3 * 3 + channel : channel * count + i / 3] = pixels[i];
        }
    }
}
