using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Codecs;

/// <summary>An installed native library: the first of its names that loads. Its absence is not an error.</summary>
/// <param name="names">File names, the most exact first: a versioned name guarantees the interface.</param>
sealed class NativeCode(params string[] names)
{
    readonly nint library = Load(names);

    /// <summary>A function's address, or 0 if it is missing.</summary>
    public nint Find(string function) => library != 0 && NativeLibrary.TryGetExport(library, function, out var address) ? address : 0;

    static nint Load(string[] names)
    {
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, out var library)) return library;
        return 0;
    }
}
