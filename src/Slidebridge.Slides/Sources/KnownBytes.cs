namespace Slidebridge.Slides.Sources;

/// <summary>A few pieces of an object's bytes, to recognise the object later: its beginning and the last bytes that were read. At most 4 KiB, for any slide.</summary>
sealed class KnownBytes
{
    const int MostPieces = 4, PieceBytes = 1024;

    readonly List<Piece> pieces = [];
    readonly Lock gate = new();
    int next = 1;

    /// <param name="Offset">The piece's offset in the object.</param>
    /// <param name="Bytes">The piece's bytes.</param>
    public sealed record Piece(long Offset, byte[] Bytes);

    /// <summary>The current pieces.</summary>
    public IReadOnlyList<Piece> Pieces
    {
        get
        {
            lock (gate) return [.. pieces];
        }
    }

    /// <summary>Keeps a piece from the middle of the bytes read; for the beginning of the object, the first bytes. Elsewhere, a piece whose bytes are all equal is ignored, because any object may contain it.</summary>
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
            // The piece from the beginning stays.
            else pieces[next = next % (MostPieces - 1) + 1] = remembered;
        }
    }
}
