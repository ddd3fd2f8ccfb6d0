namespace Slidebridge.Tasks;

/// <summary>A task's valid result, exactly as it is posted. Saved once, never computed again.</summary>
sealed class SavedResult
{
    public long TaskNumber { get; init; }

    /// <summary>UTF-8 JSON in the platform's schema.</summary>
    public required byte[] Json { get; set; }

    /// <summary>The fencing token of the run that saved it: so that a worker may send its result again. Null for a result of an earlier version of the bridge.</summary>
    public int? FencingToken { get; set; }

    /// <summary>What made it: UTF-8 JSON. Null for a result of an earlier version of the bridge.</summary>
    public byte[]? Provenance { get; set; }

    /// <summary>The byte ranges that were read for it: UTF-8 JSON.</summary>
    public byte[]? Ledger { get; set; }
}
