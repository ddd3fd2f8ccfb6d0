using System.Runtime.InteropServices;
using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>libopenslide's C interface, version 3.4 and 4 (<c>openslide.h</c>). Loaded at first use; its absence is not an error.</summary>
/// <remarks><c>SLIDEBRIDGE_OPENSLIDE=off</c> disables it.</remarks>
static unsafe class OpenSlideLibrary
{
    static readonly NativeCode Code = new("OpenSlide", "openslide_get_version", Environment.GetEnvironmentVariable("SLIDEBRIDGE_OPENSLIDE") == "off"
        ? []
        : ["libopenslide.so.1", "libopenslide.so.0", "libopenslide.1.dylib", "libopenslide.0.dylib", "libopenslide-1.dll", "libopenslide-0.dll"]);

    static readonly delegate* unmanaged[Cdecl]<nint> version = (delegate* unmanaged[Cdecl]<nint>)Code.Find("openslide_get_version");
    static readonly delegate* unmanaged[Cdecl]<byte*, nint> open = (delegate* unmanaged[Cdecl]<byte*, nint>)Code.Find("openslide_open");
    static readonly delegate* unmanaged[Cdecl]<nint, void> close = (delegate* unmanaged[Cdecl]<nint, void>)Code.Find("openslide_close");
    static readonly delegate* unmanaged[Cdecl]<nint, nint> error = (delegate* unmanaged[Cdecl]<nint, nint>)Code.Find("openslide_get_error");
    static readonly delegate* unmanaged[Cdecl]<nint, int> levels = (delegate* unmanaged[Cdecl]<nint, int>)Code.Find("openslide_get_level_count");
    static readonly delegate* unmanaged[Cdecl]<nint, int, long*, long*, void> levelSize = (delegate* unmanaged[Cdecl]<nint, int, long*, long*, void>)Code.Find("openslide_get_level_dimensions");
    static readonly delegate* unmanaged[Cdecl]<nint, int, double> downsample = (delegate* unmanaged[Cdecl]<nint, int, double>)Code.Find("openslide_get_level_downsample");
    static readonly delegate* unmanaged[Cdecl]<nint, uint*, long, long, int, long, long, void> readRegion = (delegate* unmanaged[Cdecl]<nint, uint*, long, long, int, long, long, void>)Code.Find("openslide_read_region");
    static readonly delegate* unmanaged[Cdecl]<nint, nint*> propertyNames = (delegate* unmanaged[Cdecl]<nint, nint*>)Code.Find("openslide_get_property_names");
    static readonly delegate* unmanaged[Cdecl]<nint, nint, nint> property = (delegate* unmanaged[Cdecl]<nint, nint, nint>)Code.Find("openslide_get_property_value");
    static readonly delegate* unmanaged[Cdecl]<nint, nint*> imageNames = (delegate* unmanaged[Cdecl]<nint, nint*>)Code.Find("openslide_get_associated_image_names");
    static readonly delegate* unmanaged[Cdecl]<nint, byte*, long*, long*, void> imageSize = (delegate* unmanaged[Cdecl]<nint, byte*, long*, long*, void>)Code.Find("openslide_get_associated_image_dimensions");
    static readonly delegate* unmanaged[Cdecl]<nint, byte*, uint*, void> readImage = (delegate* unmanaged[Cdecl]<nint, byte*, uint*, void>)Code.Find("openslide_read_associated_image");

    // Since 4.0.
    static readonly delegate* unmanaged[Cdecl]<nint, long> profileSize = (delegate* unmanaged[Cdecl]<nint, long>)Code.Find("openslide_get_icc_profile_size");
    static readonly delegate* unmanaged[Cdecl]<nint, void*, void> readProfile = (delegate* unmanaged[Cdecl]<nint, void*, void>)Code.Find("openslide_read_icc_profile");

    /// <summary>True if the library and every function that we call were found.</summary>
    public static bool IsAvailable { get; } =
        version != null && open != null && close != null && error != null && levels != null && levelSize != null && downsample != null
        && readRegion != null && propertyNames != null && property != null && imageNames != null && imageSize != null && readImage != null;

    /// <summary>The version, such as <c>3.4.1</c>.</summary>
    public static string Version { get; } = IsAvailable ? Text(version()) : "";

    /// <summary>Opens a file; 0 if it is of no known kind or cannot be read.</summary>
    public static nint Open(string path)
    {
        fixed (byte* name = Utf8(path)) return open(name);
    }

    public static void Close(nint slide) => close(slide);

    /// <summary>The error of the handle, or null. After an error, every later call on the handle fails as well.</summary>
    public static string? Error(nint slide) => error(slide) is var text and not 0 ? Text(text) : null;

    public static int Levels(nint slide) => levels(slide);

    public static (long Width, long Height, double Downsample) Level(nint slide, int level)
    {
        long width, height;
        levelSize(slide, level, &width, &height);
        return (width, height, downsample(slide, level));
    }

    public static Dictionary<string, string> Properties(nint slide)
    {
        var found = new Dictionary<string, string>();
        for (var name = propertyNames(slide); name != null && *name != 0; name++)
            if (property(slide, *name) is var value and not 0) found[Text(*name)] = Text(value);
        return found;
    }

    public static IReadOnlyList<(string Name, long Width, long Height)> Images(nint slide)
    {
        var found = new List<(string, long, long)>();
        for (var name = imageNames(slide); name != null && *name != 0; name++)
        {
            long width, height;
            imageSize(slide, (byte*)*name, &width, &height);
            found.Add((Text(*name), width, height));
        }
        return found;
    }

    /// <summary>Reads premultiplied ARGB in native byte order; (x, y) are level-0 pixels.</summary>
    public static void ReadRegion(nint slide, Span<uint> pixels, long x, long y, int level, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels.Length, checked(width * height));
        fixed (uint* to = pixels) readRegion(slide, to, x, y, level, width, height);
    }

    /// <summary>Reads the whole image as premultiplied ARGB.</summary>
    public static void ReadImage(nint slide, string name, Span<uint> pixels)
    {
        fixed (byte* text = Utf8(name))
        fixed (uint* to = pixels) readImage(slide, text, to);
    }

    /// <summary>The ICC profile; null if there is none, or if OpenSlide is older than 4.0.</summary>
    public static byte[]? Profile(nint slide)
    {
        const int Largest = 16 * 1024 * 1024;
        if (profileSize == null || readProfile == null || profileSize(slide) is not (> 0 and <= Largest and var size)) return null;
        var profile = new byte[size];
        fixed (byte* to = profile) readProfile(slide, to);
        return profile;
    }

    static byte[] Utf8(string text) => [.. System.Text.Encoding.UTF8.GetBytes(text), 0];

    static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";
}
