namespace Slidebridge.Tasks;

/// <summary>A task's valid result, exactly as it is posted. Saved once, never computed again.</summary>
sealed class SavedResult
{
    public long TaskNumber { get; init; }

    /// <summary>UTF-8 JSON in the platform's schema.</summary>
    public required byte[] Json { get; set; }
}
