using System.Buffers;

namespace Slidebridge.Slides;

/// <summary>
/// Provides the memory into which <see cref="Slide.ReadTilesAsync(TileGrid, ITileMemory, CancellationToken)"/> decodes tiles, instead of memory from the pool:
/// for example memory shared with another process or a device, so that no pixel is copied.
/// </summary>
public interface ITileMemory
{
    /// <summary>
    /// Returns memory for the next tile. Called for one tile after another in the order of reading (for a grid that is read in order: row by row);
    /// reading continues when the memory is available. The tile disposes it.
    /// </summary>
    /// <param name="bytes">The bytes needed: the tile's rows without padding.</param>
    /// <param name="cancellationToken">Cancelled when the reading ends.</param>
    ValueTask<IMemoryOwner<byte>> RentAsync(int bytes, CancellationToken cancellationToken);
}

/// <summary>The default tile memory.</summary>
sealed class PooledTileMemory : ITileMemory
{
    public static readonly PooledTileMemory Shared = new();

    public ValueTask<IMemoryOwner<byte>> RentAsync(int bytes, CancellationToken cancellationToken) => new(MemoryPool<byte>.Shared.Rent(bytes));
}
