using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Codecs;

/// <summary>CharLS's C interface, version 2 (<c>charls_jpegls_decoder.h</c>). Loaded at first use; its absence is not an error.</summary>
static unsafe class CharLs
{
    static readonly NativeCode Code = new("CharLS", "charls_get_version_string", "libcharls.so.2", "libcharls.2.dylib", "charls-2-x64.dll", "charls-2.dll");

    static readonly delegate* unmanaged[Cdecl]<nint> create = (delegate* unmanaged[Cdecl]<nint>)Code.Find("charls_jpegls_decoder_create");
    static readonly delegate* unmanaged[Cdecl]<nint, void> destroy = (delegate* unmanaged[Cdecl]<nint, void>)Code.Find("charls_jpegls_decoder_destroy");
    static readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, int> setSource = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, int>)Code.Find("charls_jpegls_decoder_set_source_buffer");
    static readonly delegate* unmanaged[Cdecl]<nint, int> readHeader = (delegate* unmanaged[Cdecl]<nint, int>)Code.Find("charls_jpegls_decoder_read_header");
    static readonly delegate* unmanaged[Cdecl]<nint, CharLsFrame*, int> frame = (delegate* unmanaged[Cdecl]<nint, CharLsFrame*, int>)Code.Find("charls_jpegls_decoder_get_frame_info");
    static readonly delegate* unmanaged[Cdecl]<nint, int*, int> interleave = (delegate* unmanaged[Cdecl]<nint, int*, int>)Code.Find("charls_jpegls_decoder_get_interleave_mode");
    static readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, uint, int> decode = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, uint, int>)Code.Find("charls_jpegls_decoder_decode_to_buffer");
    static readonly delegate* unmanaged[Cdecl]<int, nint> errorText = (delegate* unmanaged[Cdecl]<int, nint>)Code.Find("charls_get_error_message");

    /// <summary>True if the library and every function that we call were found.</summary>
    public static bool IsAvailable { get; } =
        create != null && destroy != null && setSource != null && readHeader != null && frame != null && interleave != null && decode != null && errorText != null;

    public static nint Create() => create();

    public static void Destroy(nint decoder) => destroy(decoder);

    /// <summary>Reads the header; <paramref name="jpegLs"/> must not move in memory until the decoder is destroyed.</summary>
    public static CharLsFrame Open(nint decoder, byte* jpegLs, int length, out bool planar)
    {
        CharLsFrame found;
        int mode;
        Check(setSource(decoder, jpegLs, (nuint)length));
        Check(readHeader(decoder));
        Check(frame(decoder, &found));
        Check(interleave(decoder, &mode));
        planar = mode == 0 && found.Components > 1;
        return found;
    }

    public static void Decode(nint decoder, Span<byte> samples)
    {
        fixed (byte* to = samples) Check(decode(decoder, to, (nuint)samples.Length, 0));
    }

    static void Check(int error)
    {
        if (error != 0) throw new SlideFormatException($"the JPEG-LS cannot be decoded: {Marshal.PtrToStringUTF8(errorText(error))}. The slide is damaged.");
    }
}

/// <summary><c>charls_frame_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly struct CharLsFrame
{
    public readonly uint Width;
    public readonly uint Height;
    public readonly int Bits;
    public readonly int Components;
}
