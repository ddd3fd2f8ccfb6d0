namespace Slidebridge.Slides.Codecs;

/// <summary>OpenJPEG's C interface, version 2 (<c>openjpeg.h</c>). Loaded at first use; its absence is not an error.</summary>
static unsafe class OpenJpeg
{
    // openjpeg.h: OPJ_CODEC_J2K; opj_stream_create's flag for reading.
    const int CodeStream = 0, Reading = 1;

    // opj_dparameters_t has 8.3 KB in 2.5; the library fills in its own defaults. The first field is cp_reduce.
    const int ParameterBytes = 32 * 1024;

    static readonly NativeCode Code = new("OpenJPEG", "opj_version", "libopenjp2.so.7", "libopenjp2.7.dylib", "openjp2.dll");

    static readonly delegate* unmanaged[Cdecl]<int, nint> createDecoder = (delegate* unmanaged[Cdecl]<int, nint>)Code.Find("opj_create_decompress");
    static readonly delegate* unmanaged[Cdecl]<void*, void> defaults = (delegate* unmanaged[Cdecl]<void*, void>)Code.Find("opj_set_default_decoder_parameters");
    static readonly delegate* unmanaged[Cdecl]<nint, void*, int> setup = (delegate* unmanaged[Cdecl]<nint, void*, int>)Code.Find("opj_setup_decoder");
    static readonly delegate* unmanaged[Cdecl]<nint, nint, OpenJpegImage**, int> readHeader = (delegate* unmanaged[Cdecl]<nint, nint, OpenJpegImage**, int>)Code.Find("opj_read_header");
    static readonly delegate* unmanaged[Cdecl]<nint, OpenJpegImage*, int, int, int, int, int> setArea = (delegate* unmanaged[Cdecl]<nint, OpenJpegImage*, int, int, int, int, int>)Code.Find("opj_set_decode_area");
    static readonly delegate* unmanaged[Cdecl]<nint, nint, OpenJpegImage*, int> decode = (delegate* unmanaged[Cdecl]<nint, nint, OpenJpegImage*, int>)Code.Find("opj_decode");
    static readonly delegate* unmanaged[Cdecl]<nint, void> destroyCodec = (delegate* unmanaged[Cdecl]<nint, void>)Code.Find("opj_destroy_codec");
    static readonly delegate* unmanaged[Cdecl]<OpenJpegImage*, void> destroyImage = (delegate* unmanaged[Cdecl]<OpenJpegImage*, void>)Code.Find("opj_image_destroy");
    static readonly delegate* unmanaged[Cdecl]<nuint, int, nint> createStream = (delegate* unmanaged[Cdecl]<nuint, int, nint>)Code.Find("opj_stream_create");
    static readonly delegate* unmanaged[Cdecl]<nint, void> destroyStream = (delegate* unmanaged[Cdecl]<nint, void>)Code.Find("opj_stream_destroy");
    static readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<byte*, nuint, OpenJpegInput*, nuint>, void> setRead =
        (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<byte*, nuint, OpenJpegInput*, nuint>, void>)Code.Find("opj_stream_set_read_function");
    static readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<long, OpenJpegInput*, long>, void> setSkip =
        (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<long, OpenJpegInput*, long>, void>)Code.Find("opj_stream_set_skip_function");
    static readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<long, OpenJpegInput*, int>, void> setSeek =
        (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<long, OpenJpegInput*, int>, void>)Code.Find("opj_stream_set_seek_function");
    static readonly delegate* unmanaged[Cdecl]<nint, void*, nint, void> setUser = (delegate* unmanaged[Cdecl]<nint, void*, nint, void>)Code.Find("opj_stream_set_user_data");
    static readonly delegate* unmanaged[Cdecl]<nint, ulong, void> setLength = (delegate* unmanaged[Cdecl]<nint, ulong, void>)Code.Find("opj_stream_set_user_data_length");

    /// <summary>True if the library and every function that we call were found.</summary>
    public static bool IsAvailable { get; } =
        createDecoder != null && defaults != null && setup != null && readHeader != null && setArea != null && decode != null && destroyCodec != null && destroyImage != null
        && createStream != null && destroyStream != null && setRead != null && setSkip != null && setSeek != null && setUser != null && setLength != null;

    /// <summary>Decodes a code stream and copies its top left to <paramref name="samples"/>, as <see cref="OpenJpegImage.CopyTo"/> does; false if the library reports an error.</summary>
    /// <param name="stream">A bare code stream.</param>
    /// <param name="halvings">How many times width and height are halved.</param>
    /// <param name="samples">Receives the samples.</param>
    /// <param name="components">Components per pixel.</param>
    /// <param name="width">Pixels wanted, after halving.</param>
    /// <param name="height">Rows wanted, after halving.</param>
    /// <param name="top">The first row, before halving; if given, only the wanted rows are decoded.</param>
    public static bool Decode(ReadOnlySpan<byte> stream, int halvings, Span<byte> samples, int components, int width, int height, int? top = null)
    {
        nint decoder = 0, source = 0;
        OpenJpegImage* image = null;
        var parameters = stackalloc byte[ParameterBytes];
        fixed (byte* bytes = stream)
        {
            var input = new OpenJpegInput { Bytes = bytes, Length = stream.Length };
            try
            {
                decoder = createDecoder(CodeStream);
                source = createStream((nuint)Math.Clamp(stream.Length, 1024, 1 << 16), Reading);
                if (decoder == 0 || source == 0) throw new InvalidOperationException("OpenJPEG could not create a decoder: out of memory.");
                setRead(source, &OpenJpegInput.Read);
                setSkip(source, &OpenJpegInput.Skip);
                setSeek(source, &OpenJpegInput.Seek);
                setUser(source, &input, 0);
                setLength(source, (ulong)stream.Length);
                defaults(parameters);
                *(uint*)parameters = (uint)halvings;
                if (setup(decoder, parameters) == 0 || readHeader(source, decoder, &image) == 0) return false;
                if (top is { } row && setArea(decoder, image, (int)image->Left, (int)image->Top + row, (int)image->Right, (int)Math.Min(image->Bottom, image->Top + row + ((long)height << halvings))) == 0) return false;
                if (decode(decoder, source, image) == 0) return false;
                image->CopyTo(samples, components, width, height);
                return true;
            }
            finally
            {
                if (image != null) destroyImage(image);
                if (source != 0) destroyStream(source);
                if (decoder != 0) destroyCodec(decoder);
            }
        }
    }
}
