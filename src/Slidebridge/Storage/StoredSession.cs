namespace Slidebridge.Storage;

/// <summary>A browser's session. Its cookie has only a random key; a sign-out deletes the row, and so ends the session on every node.</summary>
sealed class StoredSession
{
    /// <summary>SHA-256 of the cookie's key, in hexadecimal: a copy of the database opens no session.</summary>
    public required string Id { get; init; }

    /// <summary>Who signed in, and with which rights; encrypted.</summary>
    public required byte[] Ticket { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }
}
