namespace Slidebridge.Slides;

/// <summary>What was fetched of one object (a file, or the content of a URL) of a slide so far. An archive is one object.</summary>
/// <param name="Number">Its number, from 1, in the order in which the objects were given.</param>
/// <param name="Length">Bytes of the whole object.</param>
/// <param name="Version">The server's identifier for this version of the object (its ETag); null if there is none.</param>
/// <param name="Fetched">The bytes that arrived from the file or the server: sorted ranges that neither overlap nor touch, in bytes from the object's start. A request that was cut off counts with the whole range that it asked for.</param>
public sealed record SlideObjectUsage(int Number, long Length, string? Version, IReadOnlyList<ByteRange> Fetched);
