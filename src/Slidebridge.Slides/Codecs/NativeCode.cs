using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Codecs;

/// <summary>An installed native library: the first of its file names that loads. Its absence is not an error.</summary>
sealed class NativeCode
{
    static readonly ConcurrentQueue<NativeCode> loaded = [];

    readonly nint library;
    readonly string? versionFunction;

    /// <param name="name">The library's name.</param>
    /// <param name="versionFunction">The function that returns its version as a C string; null if it has none.</param>
    /// <param name="files">File names, the most exact first: a versioned name guarantees the interface.</param>
    public NativeCode(string name, string? versionFunction, params string[] files)
    {
        (Name, this.versionFunction) = (name, versionFunction);
        foreach (var file in files)
        {
            if (!NativeLibrary.TryLoad(file, out library)) continue;
            FileStart = file.Split('.')[0];
            loaded.Enqueue(this);
            return;
        }
    }

    /// <summary>The libraries that this process has loaded so far.</summary>
    public static IReadOnlyCollection<NativeCode> Loaded => loaded;

    public string Name { get; }

    /// <summary>The beginning of its file's name, up to the first dot.</summary>
    public string FileStart { get; } = "";

    /// <summary>The version that the library states, or null.</summary>
    public unsafe string? Version => versionFunction is { } function && Find(function) is var address and not 0 ? Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint>)address)()) : null;

    /// <summary>A function's address, or 0 if it is missing.</summary>
    public nint Find(string function) => library != 0 && NativeLibrary.TryGetExport(library, function, out var address) ? address : 0;
}
