namespace Slidebridge.Slides;

/// <summary>What reading a slide has cost so far.</summary>
/// <param name="Requests">Reads asked of the file, or HTTP requests sent (retries included).</param>
/// <param name="BytesRead">Bytes received from the file or the server.</param>
public readonly record struct SourceUsage(long Requests, long BytesRead);
