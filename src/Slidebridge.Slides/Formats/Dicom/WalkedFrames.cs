using System.Diagnostics.CodeAnalysis;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>
/// Frames of pixels without an offset table, found by walking from item to item, as far as the asked frame and no further:
/// 1. an item that begins as a code stream begins (SOI, SOC) begins a frame;
/// 2. at the first that does not, the walk goes to the end: where there are as many items as frames each is one,
///    where as many begin a code stream those begin a frame;
/// 3. anything else could put tissue in the wrong place and is refused.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing to dispose; late readers may still wait for it.")]
sealed class WalkedFrames : FrameIndex
{
    const int MostItems = 4 * 1024 * 1024;

    // Over a network a window of many items for a round trip; from a file the header and no more than a page.
    const int RemoteWindow = 64 * 1024, LocalWindow = 512;

    readonly ByteSource source;
    readonly DicomCursor cursor;
    readonly SemaphoreSlim turn = new(1);
    readonly int frames;
    readonly string compression;
    readonly long first, limit;

    // Where each item begins, which of them begin a frame, and whether one was met that does not look like it.
    readonly List<long> items = [];
    readonly List<int> starts = [];
    bool isDoubtful, isAtEnd;

    public WalkedFrames(ByteSource source, int frames, string compression, long first, long limit)
    {
        (this.source, this.frames, this.compression, this.first, this.limit) = (source, frames, compression, first, limit);
        cursor = new DicomCursor(source, first, source.PrefetchBytes > 0 ? RemoteWindow : LocalWindow, int.MaxValue);
        // RLE has one fragment a frame and no mark (PS3.5 §A.4.2): as many items as frames, or nothing.
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

    // Nothing is changed before all is read: a cancelled step can be taken again.
    async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        var at = cursor.Position;
        if (at == limit)
        {
            End();
            return;
        }
        if (at > limit - EncapsulatedFrames.HeaderBytes) throw new SlideFormatException($"The pixels end at byte {limit} in the middle of a frame. The object was cut short: copy it again.", at, DicomTag.PixelData);
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
                $"The object says it has {frames} frames; its pixels are {items.Count} fragments, of which {starts.Count} begin a frame, and there is no offset table. Which belongs where cannot be told: export it again with an offset table.", first, DicomTag.PixelData);
    }

    bool BeginsFrame(ReadOnlySpan<byte> head) => compression switch
    {
        // SOI: ITU-T T.81 B.1.1.3, T.87 C.1.1. SOC then SIZ: T.800 A.4.1.
        "jpeg" or "jpeg-lossless" or "jpeg-ls" => head.Length >= 2 && head[0] == 0xFF && head[1] == 0xD8,
        "jpeg2000" => head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]),
        _ => false,
    };
}
