using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>A tile that is on its way.</summary>
sealed class TileJob(TilePosition tile) : TaskCompletionSource<SlideTile>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public TilePosition Tile { get; } = tile;
}
