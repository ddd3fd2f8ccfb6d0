using System.Diagnostics.CodeAnalysis;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>
/// Finds the frames of pixels without an offset table by a walk from item to item, which stops at the requested frame:
/// 1. an item that begins like a code stream (SOI, SOC) begins a frame;
/// 2. at the first item that does not, the walk continues to the end: if there are as many items as frames, each item is a frame;
///    if as many items begin a code stream, those begin a frame;
/// 3. any other result could put tissue in the wrong place, so it is an error.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore has nothing to dispose if its wait handle is never used; late readers may still wait for it.")]
sealed class WalkedFrames : FrameIndex
{
    const int MostItems = 4 * 1024 * 1024;

    // Over a network a window covers many items per round trip; from a file, a header and at most a page.
    const int RemoteWindow = 64 * 1024, LocalWindow = 512;

    readonly ByteSource source;
    readonly DicomCursor cursor;
    readonly SemaphoreSlim turn = new(1);
    readonly int frames;
    readonly string compression;
    readonly long first, limit;

    // The offset of each item, which items begin a frame, and whether an item was found that does not look like a code stream.
    readonly List<long> items = [];
    readonly List<int> starts = [];
    bool isDoubtful, isAtEnd;

    public WalkedFrames(ByteSource source, int frames, string compression, long first, long limit)
    {
        (this.source, this.frames, this.compression, this.first, this.limit) = (source, frames, compression, first, limit);
        cursor = new DicomCursor(source, first, source.PrefetchBytes > 0 ? RemoteWindow : LocalWindow, mostReads: int.MaxValue);
        // RLE has one fragment per frame and no start marker (PS3.5 §A.4.2): the number of items must equal the number of frames.
        isDoubtful = compression == "rle";
    }

    public override async ValueTask<TileLocation> LocateAsync(long frame, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            while (!isAtEnd && (isDoubtful || starts.Count <= frame + 1)) await StepAsync(cancellationToken);
            if (isAtEnd) CheckCount();
            var start = items[starts[(int)frame]];
            var end = frame + 1 < starts.Count ? items[starts[(int)frame + 1]] : cursor.Position;
            return Check(source, frame, start, end, first, limit);
        }
        finally
        {
            turn.Release();
        }
    }

    // State changes only after everything is read, so a cancelled step can be repeated.
    async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        var at = cursor.Position;
        if (at == limit)
        {
            End();
            return;
        }
        if (at > limit - EncapsulatedFrames.HeaderBytes) throw new SlideFormatException($"The pixels end at byte {limit} in the middle of a frame. The object is truncated: copy it again.", at, DicomTag.PixelData);
        var wanted = (int)Math.Min(EncapsulatedFrames.HeaderBytes + 4, limit - at);
        var head = (await cursor.PeekAsync(wanted, cancellationToken)).Span;
        if (EncapsulatedFrames.ItemLength(head, at, limit) is not { } length)
        {
            End();
            return;
        }
        if (items.Count == MostItems) throw new SlideFormatException($"The pixels have more than {MostItems} fragments.", at, DicomTag.PixelData);
        if (length >= 4 && BeginsFrame(head[EncapsulatedFrames.HeaderBytes..])) starts.Add(items.Count);
        else isDoubtful = true;
        items.Add(at);
        cursor.Skip(EncapsulatedFrames.HeaderBytes + length);
    }

    void End()
    {
        isAtEnd = true;
        isDoubtful = false;
        if (items.Count != frames) return;
        starts.Clear();
        starts.AddRange(Enumerable.Range(0, items.Count));
    }

    void CheckCount()
    {
        if (starts.Count != frames)
            throw new SlideFormatException(
                $"The object says it has {frames} frames; its pixels are {items.Count} fragments, of which {starts.Count} begin a frame, and there is no offset table. It is not clear which fragment belongs to which frame: export the object again with an offset table.", first, DicomTag.PixelData);
    }

    bool BeginsFrame(ReadOnlySpan<byte> head) => compression switch
    {
        // SOI: ITU-T T.81 B.1.1.3, T.87 C.1.1. SOC then SIZ: T.800 A.4.1.
        "jpeg" or "jpeg-lossless" or "jpeg-ls" => head.Length >= 2 && head[0] == 0xFF && head[1] == 0xD8,
        "jpeg2000" => head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]),
        _ => false,
    };
}
