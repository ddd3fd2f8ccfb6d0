using System.Runtime.InteropServices;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>Where a tile of a batch lies.</summary>
/// <param name="Column">Its column in the grid.</param>
/// <param name="Row">Its row in the grid.</param>
/// <param name="X">Its left edge in level-0 pixels.</param>
/// <param name="Y">Its top edge in level-0 pixels.</param>
readonly record struct TilePlace(int Column, int Row, double X, double Y);

/// <summary>A batch's input tensor, in memory that does not move, and where its tiles lie. It is used again and again.</summary>
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

    /// <summary>Tiles in it.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == places.Length;

    public ReadOnlySpan<TilePlace> Places => places.AsSpan(0, Count);

    // A model of a fixed batch gets blank tiles at the end of the last one.
    int Sent => Tensor.IsFixedBatch ? places.Length : Count;

    /// <summary>The tensor's sizes.</summary>
    public IReadOnlyList<long> Shape => [Sent, .. tileShape];

    /// <summary>The tensor, row-major.</summary>
    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, Sent * tileBytes);

    /// <summary>Where <see cref="Bytes"/> begins; it stays there.</summary>
    public IntPtr Address => Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0);

    public void Clear() => Count = 0;

    /// <summary>Adds a tile; its pixels are not needed afterwards.</summary>
    public void Add(SlideTile tile) => Add(new TilePlace(tile.Column, tile.Row, tile.X, tile.Y), tile.Pixels.Span);

    /// <summary>Adds a tile of Rgb24 pixels.</summary>
    public void Add(TilePlace place, ReadOnlySpan<byte> pixels)
    {
        writer.Write(pixels, buffer.AsSpan(Count * tileBytes, tileBytes));
        places[Count++] = place;
    }

    /// <summary>After the last tile: what a fixed batch sends on top of it is blank.</summary>
    public void End() => buffer.AsSpan(Count * tileBytes).Clear();
}
