namespace Slidebridge.Storage;

/// <summary>A part of a result that a worker sends.</summary>
sealed class ResultPart
{
    public long TaskNumber { get; init; }

    /// <summary>The fencing token of the run that sends it.</summary>
    public int FencingToken { get; init; }

    /// <summary>The part's place, from 0.</summary>
    public int Part { get; init; }

    public required byte[] Bytes { get; set; }
}
