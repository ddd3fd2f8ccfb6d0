namespace Slidebridge.Slides;

/// <summary>Why a slide's bytes could not be fetched.</summary>
public enum SlideSourceFailure
{
    /// <summary>There is no such file or object (HTTP 404, 410).</summary>
    NotFound,

    /// <summary>The presigned URL has expired or was refused (HTTP 401, 403), or there is no permission to read the file.</summary>
    Forbidden,

    /// <summary>No answer: DNS, connection, TLS or timeout.</summary>
    Unreachable,

    /// <summary>The object was replaced while it was being read: its ETag or its length is different.</summary>
    Changed,

    /// <summary>Fewer bytes arrived than announced.</summary>
    Truncated,

    /// <summary>The server answered with an error, or violated the HTTP standard.</summary>
    Server,
}
