namespace Slidebridge.Slides.Sources;

/// <summary>stub</summary>
public sealed class HttpSource
{
    /// <summary>stub</summary>
    public static bool IsHttp(string s) => s.StartsWith("http", StringComparison.Ordinal);
    /// <summary>stub</summary>
    public static Task<ByteSource> OpenAsync(string u, SlideOptions o, CancellationToken c) => throw new NotSupportedException();
}
