using System.Buffers;

namespace Slidebridge.Slides;

/// <summary>
/// Where <see cref="Slide.ReadTilesAsync(TileGrid, ITileMemory, CancellationToken)"/> decodes tiles to, in place of its own pool:
/// memory that another process or a device shares, so that no pixel is copied on its way there.
/// </summary>
public interface ITileMemory
{
    /// <summary>
    /// Memory for the next tile. Called for one tile after another in the order of reading (of a grid that is read in order: row by row);
    /// the reading goes on when it is there. The tile disposes it.
    /// </summary>
    /// <param name="bytes">How much is needed: the tile's rows without padding.</param>
    /// <param name="cancellationToken">Fires when the reading ends.</param>
    ValueTask<IMemoryOwner<byte>> RentAsync(int bytes, CancellationToken cancellationToken);
}

/// <summary>The memory of tiles that nobody chose another for.</summary>
sealed class PooledTileMemory : ITileMemory
{
    public static readonly PooledTileMemory Shared = new();

    public ValueTask<IMemoryOwner<byte>> RentAsync(int bytes, CancellationToken cancellationToken) => new(MemoryPool<byte>.Shared.Rent(bytes));
}
