using System.Runtime.InteropServices;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>The place of a tile in a batch.</summary>
/// <param name="Column">Its column in the grid.</param>
/// <param name="Row">Its row in the grid.</param>
/// <param name="X">Its left edge in level-0 pixels.</param>
/// <param name="Y">Its top edge in level-0 pixels.</param>
readonly record struct TilePlace(int Column, int Row, double X, double Y);

/// <summary>A batch's input tensor, in pinned memory, and the places of its tiles. It is reused for further batches.</summary>
sealed class InputBatch
{
    readonly byte[] buffer;
    readonly TilePlace[] places;
    readonly PixelWriter writer;
    readonly int tileBytes;
    readonly long[] tileShape;

    public InputBatch(ModelInput input, InputTensor tensor)
    {
        Tensor = tensor;
        writer = new PixelWriter(input, tensor.Element);
        tileBytes = input.Width * input.Height * 3 * tensor.BytesPerElement;
        tileShape = input.ChannelsLast ? [input.Height, input.Width, 3] : [3, input.Height, input.Width];
        buffer = GC.AllocateArray<byte>(checked(tileBytes * tensor.Batch), pinned: true);
        places = new TilePlace[tensor.Batch];
    }

    public InputTensor Tensor { get; }

    /// <summary>The number of tiles in the batch.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == places.Length;

    public ReadOnlySpan<TilePlace> Places => places.AsSpan(0, Count);

    // A model with a fixed batch size gets blank tiles at the end of the last batch.
    int Sent => Tensor.IsFixedBatch ? places.Length : Count;

    /// <summary>The tensor's sizes.</summary>
    public IReadOnlyList<long> Shape => [Sent, .. tileShape];

    /// <summary>The tensor, row-major.</summary>
    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, Sent * tileBytes);

    /// <summary>The address of <see cref="Bytes"/>; it does not change.</summary>
    public IntPtr Address => Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0);

    public void Clear() => Count = 0;

    /// <summary>Adds a tile and copies its pixels.</summary>
    public void Add(SlideTile tile) => Add(new TilePlace(tile.Column, tile.Row, tile.X, tile.Y), tile.Pixels.Span);

    /// <summary>Adds a tile of Rgb24 pixels.</summary>
    public void Add(TilePlace place, ReadOnlySpan<byte> pixels)
    {
        writer.Write(pixels, buffer.AsSpan(Count * tileBytes, tileBytes));
        places[Count++] = place;
    }

    /// <summary>Ends the batch after its last tile: the rest of a fixed batch is blank.</summary>
    public void End() => buffer.AsSpan(Count * tileBytes).Clear();
}
