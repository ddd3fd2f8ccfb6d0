namespace Slidebridge.Slides.Outlines;

/// <summary>A horizontal run of equal mask pixels: columns Start to End − 1 of a row.</summary>
readonly record struct MaskRun(int Row, int Start, int End, bool Tissue)
{
    public int Length => End - Start;
}

/// <summary>
/// The connected pieces of a mask, of tissue and of background. Runs of a row are joined with the runs above that they touch,
/// so the time is nearly proportional to the pixels. Pieces connect along edges; <see cref="Corners"/> explains why corners need no special case.
/// </summary>
sealed class MaskPieces
{
    readonly List<MaskRun> runs = [];
    readonly List<int> parents = [];
    readonly int width, height;

    public MaskPieces(bool[] mask, int width, int height)
    {
        (this.width, this.height) = (width, height);
        var previous = 0;
        for (var y = 0; y < height; y++)
        {
            var first = runs.Count;
            AddRow(mask.AsSpan(y * width, width), y);
            Join(previous, first);
            previous = first;
        }
        Areas = new long[runs.Count];
        TouchesEdge = new bool[runs.Count];
        for (var i = 0; i < runs.Count; i++)
        {
            var piece = PieceOf(i);
            Areas[piece] += runs[i].Length;
            TouchesEdge[piece] |= runs[i].Row == 0 || runs[i].Row == height - 1 || runs[i].Start == 0 || runs[i].End == width;
        }
    }

    /// <summary>For each piece: its number of pixels.</summary>
    public long[] Areas { get; }

    /// <summary>For each piece: true if it touches the mask's edge.</summary>
    public bool[] TouchesEdge { get; }

    /// <summary>Inverts every selected piece: tissue to background, or background to tissue.</summary>
    public void Turn(bool[] mask, Func<bool, int, bool> isAsked)
    {
        for (var i = 0; i < runs.Count; i++)
            if (isAsked(runs[i].Tissue, PieceOf(i)))
                mask.AsSpan(runs[i].Row * width + runs[i].Start, runs[i].Length).Fill(!runs[i].Tissue);
    }

    /// <summary>For each mask pixel: its piece.</summary>
    public int[] Label()
    {
        var labels = new int[width * height];
        for (var i = 0; i < runs.Count; i++) labels.AsSpan(runs[i].Row * width + runs[i].Start, runs[i].Length).Fill(PieceOf(i));
        return labels;
    }

    void AddRow(ReadOnlySpan<bool> row, int y)
    {
        for (int start = 0, end; start < row.Length; start = end)
        {
            var other = row[start..].IndexOf(!row[start]);
            end = other < 0 ? row.Length : start + other;
            parents.Add(runs.Count);
            runs.Add(new MaskRun(y, start, end, row[start]));
        }
    }

    // Both rows are covered by runs without a gap, so two pointers that move along them find every pair that touches.
    void Join(int above, int below)
    {
        for (int a = above, b = below; a < below && b < runs.Count;)
        {
            if (runs[a].Tissue == runs[b].Tissue) parents[PieceOf(b)] = PieceOf(a);
            var (endA, endB) = (runs[a].End, runs[b].End);
            if (endA <= endB) a++;
            if (endB <= endA) b++;
        }
    }

    int PieceOf(int run)
    {
        while (parents[run] != run) run = parents[run] = parents[parents[run]];
        return run;
    }
}
