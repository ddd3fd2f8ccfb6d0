namespace Slidebridge.Slides;

/// <summary>The requests and bytes that reading a slide has needed so far.</summary>
/// <param name="Requests">Reads from the file, or HTTP requests sent (including retries).</param>
/// <param name="BytesRead">Bytes received from the file or the server.</param>
public readonly record struct SourceUsage(long Requests, long BytesRead);
