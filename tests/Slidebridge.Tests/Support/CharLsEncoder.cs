using System.Runtime.InteropServices;

namespace Slidebridge.Tests.Support;

/// <summary>Packs pixels as JPEG-LS with the machine's CharLS.</summary>
static class CharLsEncoder
{
    [StructLayout(LayoutKind.Sequential)]
    struct Frame
    {
        public uint Width, Height;
        public int Bits, Components;
    }

    /// <param name="samples">The colours of a pixel together; for interleave 0 one plane after another.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Rows.</param>
    /// <param name="components">1, 3 or 4.</param>
    /// <param name="interleave">0 by plane, 1 by line, 2 by sample.</param>
    /// <param name="near">The largest difference that is allowed; 0 is lossless.</param>
    public static byte[] Encode(byte[] samples, int width, int height, int components, int interleave, int near = 0)
    {
        var encoder = Create();
        try
        {
            var frame = new Frame { Width = (uint)width, Height = (uint)height, Bits = 8, Components = components };
            // Pinned: the encoder keeps its address between calls.
            var packed = GC.AllocateArray<byte>(samples.Length * 2 + 1024, pinned: true);
            Assert.Equal(0, SetFrame(encoder, ref frame));
            Assert.Equal(0, SetInterleave(encoder, interleave));
            Assert.Equal(0, SetNear(encoder, near));
            Assert.Equal(0, SetDestination(encoder, packed, (nuint)packed.Length));
            Assert.Equal(0, Encode(encoder, samples, (nuint)samples.Length, 0));
            Assert.Equal(0, Written(encoder, out var length));
            return packed[..(int)length];
        }
        finally
        {
            Destroy(encoder);
        }
    }

    const string Library = "libcharls.so.2";

    [DllImport(Library, EntryPoint = "charls_jpegls_encoder_create")]
    static extern nint Create();

    [DllImport(Library, EntryPoint = "charls_jpegls_encoder_destroy")]
    static extern void Destroy(nint encoder);

    [DllImport(Library, EntryPoint = "charls_jpegls_encoder_set_frame_info")]
    static extern int SetFrame(nint encoder, ref Frame frame);

    [DllImport(Library, EntryPoint = "charls_jpegls_encoder_set_interleave_mode")]
    static extern int SetInterleave(nint encoder, int mode);

    [DllImport(Library, EntryPoint = "charls_jpegls_encoder_set_near_lossless")]
    static extern int SetNear(nint encoder, int near);

    [DllImport(Library, EntryPoint = "charls_jpegls_encoder_set_destination_buffer")]
    static extern int SetDestination(nint encoder, byte[] target, nuint length);

    [DllImport(Library, EntryPoint = "charls_jpegls_encoder_encode_from_buffer")]
    static extern int Encode(nint encoder, byte[] samples, nuint length, uint stride);

    [DllImport(Library, EntryPoint = "charls_jpegls_encoder_get_bytes_written")]
    static extern int Written(nint encoder, out nuint length);
}
