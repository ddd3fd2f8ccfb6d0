namespace Slidebridge.Slides;

/// <summary>Why a slide's bytes could not be fetched.</summary>
public enum SlideSourceFailure
{
    /// <summary>There is no such file or object (HTTP 404, 410).</summary>
    NotFound,

    /// <summary>The presigned URL has expired or was refused (HTTP 401, 403), or the file may not be read.</summary>
    Forbidden,

    /// <summary>No answer: name, connection, TLS or timeout.</summary>
    Unreachable,

    /// <summary>The object was replaced while it was being read: its ETag or its length differ.</summary>
    Changed,

    /// <summary>Fewer bytes came than were promised.</summary>
    Truncated,

    /// <summary>The server answered with an error, or against the HTTP standard.</summary>
    Server,
}
