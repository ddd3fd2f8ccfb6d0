using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>A slide that libopenslide has open. Safe for concurrent readers; the native handle is closed when the last of them has ended.</summary>
sealed class OpenSlideFile : SafeHandleZeroOrMinusOneIsInvalid
{
    readonly string path, what;

    OpenSlideFile(nint slide, string path, string what) : base(ownsHandle: true)
    {
        (this.path, this.what) = (path, what);
        SetHandle(slide);
    }

    /// <summary>Opens a local file.</summary>
    /// <param name="path">The file; never in a message.</param>
    /// <param name="what">What the bytes were recognised as, for a message.</param>
    /// <exception cref="SlideFormatException">OpenSlide does not know it, or finds it damaged.</exception>
    public static OpenSlideFile Open(string path, string what)
    {
        var slide = OpenSlideLibrary.Open(path);
        if (slide == 0) throw new SlideFormatException($"The slide is {what}, but OpenSlide {OpenSlideLibrary.Version} does not open it. It is damaged, or takes a newer OpenSlide.");
        var file = new OpenSlideFile(slide, path, what);
        try
        {
            file.Check();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Calls the library while the handle is held open, then asks it for an error.</summary>
    /// <exception cref="SlideFormatException">The call failed, or an earlier one did.</exception>
    public T Use<T>(Func<nint, T> call)
    {
        var held = false;
        try
        {
            DangerousAddRef(ref held);
            var result = call(handle);
            Check();
            return result;
        }
        finally
        {
            if (held) DangerousRelease();
        }
    }

    public void ReadRegion(Span<uint> pixels, long x, long y, int level, int width, int height)
    {
        var held = false;
        try
        {
            DangerousAddRef(ref held);
            OpenSlideLibrary.ReadRegion(handle, pixels, x, y, level, width, height);
            Check();
        }
        finally
        {
            if (held) DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        OpenSlideLibrary.Close(handle);
        return true;
    }

    void Check()
    {
        if (OpenSlideLibrary.Error(handle) is { } error) throw new SlideFormatException($"The slide is {what} that OpenSlide {OpenSlideLibrary.Version} cannot read: {WithoutPath(error)}. It is damaged, or of a variant that takes a newer OpenSlide.");
    }

    // OpenSlide names files; a file's name may be a patient's.
    string WithoutPath(string error)
    {
        error = error.Replace(path, "the slide", StringComparison.Ordinal);
        if (Path.GetDirectoryName(path) is { Length: > 1 } folder) error = error.Replace(folder, "its folder", StringComparison.Ordinal);
        if (Path.GetFileNameWithoutExtension(path) is { Length: > 2 } name) error = error.Replace(name, "the slide", StringComparison.Ordinal);
        return error.TrimEnd('.', ' ');
    }
}
