namespace Slidebridge.Slides.Tissue;

/// <summary>
/// From a thumbnail to a mask and its outlines:
/// 1. saturation, smoothed; tissue is what reaches the threshold;
/// 2. islands that are dust go, then holes that are too small are filled;
/// 3. what is left is followed along its pixels' edges, simplified, and scaled to level-0 pixels.
/// Time and memory are linear in the thumbnail's pixels.
/// </summary>
static class TissueDetection
{
    public static TissueMask Run(Raster thumbnail, int slideWidth, int slideHeight, TissueOptions options, CancellationToken cancellationToken)
    {
        var (width, height) = (thumbnail.Width, thumbnail.Height);
        var saturation = Saturation.Of(thumbnail);
        var threshold = TissueThreshold.Of(saturation);
        var mask = Array.ConvertAll(saturation, value => value >= threshold);
        Corners.Fill(mask, width, height);
        cancellationToken.ThrowIfCancellationRequested();

        var islands = new MaskPieces(mask, width, height);
        islands.Turn(mask, (tissue, piece) => tissue && islands.Areas[piece] < options.MinIslandFraction * mask.Length);
        var holes = new MaskPieces(mask, width, height);
        holes.Turn(mask, (tissue, piece) => !tissue && !holes.TouchesEdge[piece] && holes.Areas[piece] < options.MinHoleFraction * mask.Length);
        cancellationToken.ThrowIfCancellationRequested();

        var pieces = new MaskPieces(mask, width, height);
        var rings = new CrackFollower(mask, width, height, pieces.Label()).Rings();
        cancellationToken.ThrowIfCancellationRequested();
        var (scaleX, scaleY) = ((double)slideWidth / width, (double)slideHeight / height);
        var simple = new RingSimplifier(options.SimplifyPixels).Simplify(rings);
        var regions = from pair in rings.Zip(simple)
                      group pair by pair.First.Piece into piece
                      let area = pieces.Areas[piece.Key] * scaleX * scaleY
                      orderby area descending
                      select new TissueRegion(
                          Scale(piece.Single(pair => !pair.First.IsHole).Second),
                          [.. piece.Where(pair => pair.First.IsHole).Select(pair => Scale(pair.Second))],
                          area);
        return new TissueMask(mask, width, height, scaleX, scaleY, [.. regions]);

        // Closed, and inside the slide also where the product is a hair beyond it.
        SlidePoint[] Scale(IReadOnlyList<Corner> ring) =>
            [.. ring.Append(ring[0]).Select(corner => new SlidePoint(Math.Min(corner.X * scaleX, slideWidth), Math.Min(corner.Y * scaleY, slideHeight)))];
    }
}
