using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Codecs;

/// <summary>libturbojpeg's C interface, version 2.1 (<c>turbojpeg.h</c>). Loaded at first use; its absence is not an error.</summary>
static unsafe class TurboJpeg
{
    // turbojpeg.h: enum TJPF, TJSAMP; TJFLAG_NOREALLOC; TJERR_WARNING.
    const int PixelRgb = 0, PixelBgra = 8, PixelBgrx = 3;
    public const int Subsampling420 = 2, NoReallocation = 1024;

    static readonly NativeCode Code = new("libturbojpeg", null, "libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.0.dylib", "turbojpeg.dll");

    static readonly delegate* unmanaged[Cdecl]<nint> initDecompress = (delegate* unmanaged[Cdecl]<nint>)Code.Find("tjInitDecompress");
    static readonly delegate* unmanaged[Cdecl]<nint> initCompress = (delegate* unmanaged[Cdecl]<nint>)Code.Find("tjInitCompress");
    static readonly delegate* unmanaged[Cdecl]<nint, byte*, CULong, byte*, int, int, int, int, int, int> decompress =
        (delegate* unmanaged[Cdecl]<nint, byte*, CULong, byte*, int, int, int, int, int, int>)Code.Find("tjDecompress2");
    static readonly delegate* unmanaged[Cdecl]<nint, byte*, int, int, int, int, byte**, CULong*, int, int, int, int> compress =
        (delegate* unmanaged[Cdecl]<nint, byte*, int, int, int, int, byte**, CULong*, int, int, int, int>)Code.Find("tjCompress2");
    static readonly delegate* unmanaged[Cdecl]<int, int, int, CULong> bufferSize = (delegate* unmanaged[Cdecl]<int, int, int, CULong>)Code.Find("tjBufSize");
    static readonly delegate* unmanaged[Cdecl]<nint, nint> errorText = (delegate* unmanaged[Cdecl]<nint, nint>)Code.Find("tjGetErrorStr2");
    static readonly delegate* unmanaged[Cdecl]<nint, int> destroy = (delegate* unmanaged[Cdecl]<nint, int>)Code.Find("tjDestroy");

    /// <summary>True if the library and every function that we call were found.</summary>
    public static bool IsAvailable { get; } =
        initDecompress != null && initCompress != null && decompress != null && compress != null && bufferSize != null && errorText != null && destroy != null;

    public static nint InitDecompress() => initDecompress();

    public static nint InitCompress() => initCompress();

    public static void Destroy(nint handle) => _ = destroy(handle);

    public static string Error(nint handle) => Marshal.PtrToStringUTF8(errorText(handle)) ?? "unknown error";

    public static int BufferSize(int width, int height) => checked((int)bufferSize(width, height, Subsampling420).Value);

    /// <summary>False if the library reports an error or a warning: a tile that is half grey must not be shown as slide content.</summary>
    public static bool Decompress(nint handle, ReadOnlySpan<byte> jpeg, Span<byte> target, int width, int height, int stride, PixelFormat format)
    {
        fixed (byte* from = jpeg, to = target)
            return decompress(handle, from, new CULong((nuint)jpeg.Length), to, width, stride, height, format == PixelFormat.Rgb24 ? PixelRgb : PixelBgra, 0) == 0;
    }

    /// <summary>Returns the number of bytes written to <paramref name="target"/>, or -1.</summary>
    public static int Compress(nint handle, ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int quality, Span<byte> target)
    {
        fixed (byte* from = pixels, to = target)
        {
            var buffer = to;
            var length = new CULong((nuint)target.Length);
            var result = compress(handle, from, width, width * format.BytesPerPixel(), height, format == PixelFormat.Rgb24 ? PixelRgb : PixelBgrx, &buffer, &length, Subsampling420, quality, NoReallocation);
            return result == 0 ? (int)length.Value : -1;
        }
    }
}
