namespace Slidebridge.Slides.Sources;

/// <summary>A few pieces of what was read of an object, to recognise it by: its beginning and what was read last. 4 KiB at most, whatever the slide.</summary>
sealed class KnownBytes
{
    const int MostPieces = 4, PieceBytes = 1024;

    readonly List<Piece> pieces = [];
    readonly Lock gate = new();
    int next = 1;

    /// <param name="Offset">Where it lies in the object.</param>
    /// <param name="Bytes">What stands there.</param>
    public sealed record Piece(long Offset, byte[] Bytes);

    /// <summary>The pieces now.</summary>
    public IReadOnlyList<Piece> Pieces
    {
        get
        {
            lock (gate) return [.. pieces];
        }
    }

    /// <summary>Takes a piece from the middle of what was read; of the beginning, the beginning. Bytes that are all the same are those of any object.</summary>
    public void Remember(long offset, ReadOnlySpan<byte> bytes)
    {
        var from = offset == 0 ? 0 : Math.Max(0, (bytes.Length - PieceBytes) / 2);
        var piece = bytes.Slice(from, Math.Min(PieceBytes, bytes.Length - from));
        if (piece.IsEmpty || (offset != 0 && piece.IndexOfAnyExcept(piece[0]) < 0)) return;
        lock (gate)
        {
            if (pieces.Any(known => known.Offset == offset + from)) return;
            var remembered = new Piece(offset + from, piece.ToArray());
            if (pieces.Count < MostPieces) pieces.Add(remembered);
            // The beginning stays.
            else pieces[next = next % (MostPieces - 1) + 1] = remembered;
        }
    }
}
