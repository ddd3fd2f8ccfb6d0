namespace Slidebridge.Storage;

/// <summary>A key of the key ring that the nodes of a cluster share in the database, if no directory is configured for it.</summary>
sealed class StoredKey
{
    public required string Name { get; init; }

    /// <summary>The key as ASP.NET Data Protection writes it.</summary>
    public required string Xml { get; init; }
}
