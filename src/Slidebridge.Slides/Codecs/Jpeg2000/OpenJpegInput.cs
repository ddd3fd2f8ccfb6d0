using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Codecs;

/// <summary>A code stream in memory, for OpenJPEG's callbacks.</summary>
unsafe struct OpenJpegInput
{
    public byte* Bytes;
    public long Length, Position;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static nuint Read(byte* target, nuint count, OpenJpegInput* input)
    {
        var length = (long)Math.Min(count, (nuint)(input->Length - input->Position));
        // OpenJPEG's value for the end of the stream.
        if (length <= 0) return nuint.MaxValue;
        Buffer.MemoryCopy(input->Bytes + input->Position, target, (long)count, length);
        input->Position += length;
        return (nuint)length;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static long Skip(long count, OpenJpegInput* input)
    {
        if (count < 0 || count > input->Length - input->Position) return -1;
        input->Position += count;
        return count;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int Seek(long position, OpenJpegInput* input)
    {
        if (position < 0 || position > input->Length) return 0;
        input->Position = position;
        return 1;
    }
}
