using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Codecs;

/// <summary>A library of the machine, found by the first of its names that loads; its absence is not an error.</summary>
/// <param name="names">File names, the most exact first: a version's name promises its interface.</param>
sealed class NativeCode(params string[] names)
{
    readonly nint library = Load(names);

    /// <summary>A function's address, or 0.</summary>
    public nint Find(string function) => library != 0 && NativeLibrary.TryGetExport(library, function, out var address) ? address : 0;

    static nint Load(string[] names)
    {
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, out var library)) return library;
        return 0;
    }
}
