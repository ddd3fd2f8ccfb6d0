using Slidebridge.Security;

namespace Slidebridge.Storage;

/// <summary>A named API token. Its text is shown once, when it is made; the database has only a hash.</summary>
sealed class StoredToken
{
    /// <summary>The part of the token's text that names it. It is not a secret.</summary>
    public required string Id { get; init; }

    /// <summary>Unique among the tokens that are not revoked.</summary>
    public required string Name { get; init; }

    public required Role Role { get; init; }

    /// <summary>The companies whose tasks the token's owner may see; empty: all.</summary>
    public required string[] Companies { get; init; }

    /// <summary>A worker's token: the execution groups whose tasks it may take; empty: all. Null for other tokens.</summary>
    public string[]? Groups { get; init; }

    /// <summary>SHA-256 of the token's text. The text has 256 random bits, so a slow hash would add nothing.</summary>
    public required byte[] Hash { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    public required string MadeBy { get; init; }

    /// <summary>Null: it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>To the minute; null: never.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public string? RevokedBy { get; set; }

    public bool IsValid(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}
