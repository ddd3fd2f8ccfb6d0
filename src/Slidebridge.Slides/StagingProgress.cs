namespace Slidebridge.Slides;

/// <summary>How far a slide has been copied to a temporary file, for a format that a native library reads by path.</summary>
/// <param name="BytesDone">Bytes copied so far.</param>
/// <param name="BytesTotal">Bytes of the whole slide.</param>
public readonly record struct StagingProgress(long BytesDone, long BytesTotal);
