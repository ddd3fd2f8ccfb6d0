namespace Slidebridge.Slides.Tissue;

/// <summary>
/// Creates a mask and its outlines from a thumbnail:
/// 1. saturation is computed and smoothed; pixels at or above the threshold are tissue;
/// 2. islands that are dust are removed, then small holes are filled;
/// 3. the rest is outlined along its pixels' edges, simplified, and scaled to level-0 pixels.
/// Time and memory are linear in the thumbnail's pixels.
/// </summary>
static class TissueDetection
{
    public static TissueMask Run(Raster thumbnail, int slideWidth, int slideHeight, TissueOptions options, CancellationToken cancellationToken)
    {
        var (width, height) = (thumbnail.Width, thumbnail.Height);
        var saturation = Saturation.Of(thumbnail);
        var threshold = TissueThreshold.Of(saturation);
        var tissue = Array.ConvertAll(saturation, value => value >= threshold);
        var mask = new RegionMask(tissue, width, height);
        cancellationToken.ThrowIfCancellationRequested();
        mask.RemoveIslands(options.MinIslandFraction * tissue.Length);
        mask.FillHoles(options.MinHoleFraction * tissue.Length);
        cancellationToken.ThrowIfCancellationRequested();

        var (scaleX, scaleY) = ((double)slideWidth / width, (double)slideHeight / height);
        var regions = mask.Trace(options.SimplifyPixels).Select(region => region.Move(Scale)).Select(region => new TissueRegion(region.Outline, region.Holes, region.Pixels * scaleX * scaleY));
        return new TissueMask(tissue, width, height, scaleX, scaleY, [.. regions]);

        // Clamp to the slide: the product may exceed it by a rounding error.
        SlidePoint Scale(SlidePoint corner) => new(Math.Min(corner.X * scaleX, slideWidth), Math.Min(corner.Y * scaleY, slideHeight));
    }
}
