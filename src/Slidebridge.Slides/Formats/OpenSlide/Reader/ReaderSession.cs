using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>Executes a reader's orders, one after the other. An answer is an error text (empty if there is none), then the result.</summary>
sealed unsafe class ReaderSession(Stream answers) : IDisposable
{
    const long MostPixels = 64L * 1024 * 1024;

    SafeFileHandle? pixels;
    nint slide;
    uint* memory;
    long held;
    string? imageName;

    public void Do(byte[] order)
    {
        using var reader = new BinaryReader(new MemoryStream(order));
        ReaderSandbox.LimitTime();
        switch ((ReaderOrder)reader.ReadByte())
        {
            case ReaderOrder.Open:
                Open(reader.ReadString(), reader.ReadString(), reader.ReadString());
                break;
            case ReaderOrder.Region:
                Region(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
                break;
            case ReaderOrder.Image:
                Image(reader.ReadString(), reader.ReadInt64(), reader.ReadInt64());
                break;
            default:
                throw new IOException("The order is unknown.");
        }
    }

    void Open(string path, string pixelsPath, string folder)
    {
        pixels = File.OpenHandle(pixelsPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        if (!OpenSlideLibrary.IsAvailable) throw new IOException("libopenslide is not installed.");
        // The library and its dependencies are loaded; from here on, only the slide can be opened.
        ReaderSandbox.Enter(folder.Length > 0 ? [path, folder] : [path]);
        slide = OpenSlideLibrary.Open(path);
        var error = slide == 0 ? "unknown" : OpenSlideLibrary.Error(slide) ?? "";
        var found = error.Length == 0 ? ReaderDescription.Of(slide) : null;
        if (found is not null) error = OpenSlideLibrary.Error(slide) ?? "";
        Answer(error, writer => found?.Write(writer));
    }

    void Region(long x, long y, int level, int width, int height)
    {
        Take((long)width * height);
        imageName = null;
        OpenSlideLibrary.ReadRegion(slide, new Span<uint>(memory, width * height), x, y, level, width, height);
        Give(0, (long)width * height);
    }

    void Image(string name, long first, long count)
    {
        var (_, width, height) = OpenSlideLibrary.Images(slide).First(image => image.Name == name);
        if (name != imageName)
        {
            Take(checked(width * height));
            OpenSlideLibrary.ReadImage(slide, name, new Span<uint>(memory, (int)(width * height)));
            imageName = name;
        }
        Give(first, count);
    }

    void Take(long count)
    {
        if (count is < 1 or > MostPixels) throw new IOException("The picture is too large.");
        if (count > held)
        {
            NativeMemory.Free(memory);
            memory = (uint*)NativeMemory.Alloc((nuint)count, sizeof(uint));
            held = count;
        }
        new Span<uint>(memory, (int)count).Clear();
    }

    void Give(long first, long count)
    {
        var error = OpenSlideLibrary.Error(slide) ?? "";
        if (error.Length == 0 && first >= 0 && count >= 0 && first + count <= held) RandomAccess.Write(pixels!, new ReadOnlySpan<byte>(memory + first, checked((int)(count * sizeof(uint)))), 0);
        Answer(error, static _ => { });
    }

    void Answer(string error, Action<BinaryWriter> what) => ReaderFrame.Write(answers, writer =>
    {
        writer.Write(error);
        what(writer);
    });

    public void Dispose()
    {
        NativeMemory.Free(memory);
        pixels?.Dispose();
    }
}
