using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Codecs;

/// <summary><c>opj_image_t</c>; the same in every version 2.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly unsafe struct OpenJpegImage
{
    public readonly uint Left, Top, Right, Bottom;
    public readonly uint Count;
    public readonly int ColorSpace;
    public readonly OpenJpegComponent* Components;
    public readonly byte* Profile;
    public readonly uint ProfileLength;

    /// <summary>Copies the top left as interleaved samples; samples of a subsampled component are repeated.</summary>
    public void CopyTo(Span<byte> samples, int components, int width, int height)
    {
        for (var c = 0; c < components; c++)
        {
            // Read only memory that the library says it has allocated.
            var component = c < Count ? Components[c] : default;
            int stepX = (int)component.StepX, stepY = (int)component.StepY;
            if (component.Samples == null || component.Bits != 8 || (long)component.Width * stepX < width || (long)component.Height * stepY < height)
                throw new SlideFormatException("the JPEG 2000 decodes to a size that differs from its header's. The slide is damaged.");
            for (var y = 0; y < height; y++)
            {
                var from = new ReadOnlySpan<int>(component.Samples + (long)(y / stepY) * component.Width, (int)component.Width);
                var row = samples.Slice(y * width * components, width * components);
                if (stepX == 1) for (int x = 0, to = c; x < width; x++, to += components) row[to] = (byte)Math.Clamp(from[x], 0, 255);
                else for (int x = 0, to = c; x < width; x++, to += components) row[to] = (byte)Math.Clamp(from[x / stepX], 0, 255);
            }
        }
    }
}

/// <summary><c>opj_image_comp_t</c>; the same in every version 2.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly unsafe struct OpenJpegComponent
{
    public readonly uint StepX, StepY, Width, Height, Left, Top, Bits, BitsAgain, Signed, Resolution, Factor;
    public readonly int* Samples;
    public readonly ushort Alpha;
}
