using System.Buffers.Binary;

namespace Slidebridge.Slides.Codecs;

/// <summary>
/// Reads a code stream's headers (the main header and that of each tile part) and refuses coding styles that make a library allocate
/// far too much memory: precincts of a few samples, blocks of 4×4 on a large tile, thousands of layers. ITU-T T.800 A.4 to A.6.
/// </summary>
/// <param name="Levels">How many times every component can be halved: the smallest number of decomposition levels.</param>
/// <param name="HighThroughput">True if any block may use the block coding of T.814 (HTJ2K).</param>
/// <param name="Transformed">True if the first three components are stored with a colour transform (RCT or ICT), which a decoder undoes.</param>
readonly record struct Jpeg2000Coding(int Levels, bool HighThroughput, bool Transformed)
{
    const byte Cod = 0x52, Coc = 0x53, Sot = 0x90, Sod = 0x93, Eoc = 0xD9;

    // OpenJPEG keeps about 130 bytes for a code block, 400 for a precinct and 2 for each layer of a precinct.
    const long MostBlocks = 1 << 20, MostPrecincts = 1 << 18;

    // An empty packet takes as long to decode as some pixels, but no byte: 65535 layers of a small tile would take a second. Real streams have one packet for hundreds of pixels.
    const long FreePackets = 1 << 16;

    // The bits that T.814 adds to the block style (table A.6).
    const byte HighThroughputBlocks = 0xC0;

    /// <exception cref="SlideFormatException">The headers are damaged, or require too much memory.</exception>
    public static Jpeg2000Coding Check(ReadOnlySpan<byte> stream, Jpeg2000Frame frame)
    {
        int at = 2, levels = int.MaxValue, layers = 1;
        bool highThroughput = false, transformed = false;
        // Where the current tile part ends; 0 in the main header.
        var partEnd = 0;
        while (at + 4 <= stream.Length && stream[at] == 0xFF)
        {
            var marker = stream[at + 1];
            if (marker == Eoc) break;
            if (marker == Sod)
            {
                // A part that claims to end inside its own header must not move the position backwards.
                at = Math.Max(partEnd, at + 2);
                continue;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 2)..]);
            if (length < 2 || at + 2 + length > stream.Length) throw Damaged(at);
            var body = stream.Slice(at + 4, length - 2);
            switch (marker)
            {
                case Sot:
                    if (body.Length < 8) throw Damaged(at);
                    var part = BinaryPrimitives.ReadUInt32BigEndian(body[2..]);
                    // 0: to the end of the stream.
                    partEnd = part == 0 ? stream.Length : (int)Math.Min(stream.Length, at + Math.Max((long)part, 12));
                    break;
                case Cod:
                    if (body.Length < 10) throw Damaged(at);
                    layers = BinaryPrimitives.ReadUInt16BigEndian(body[2..]);
                    levels = Math.Min(levels, CheckStyle(body[5..], (body[0] & 1) != 0, layers, frame, at));
                    highThroughput |= (body[8] & HighThroughputBlocks) != 0;
                    transformed |= body[4] != 0;
                    break;
                case Coc:
                    if (body.Length < 7) throw Damaged(at);
                    levels = Math.Min(levels, CheckStyle(body[2..], (body[1] & 1) != 0, layers, frame, at));
                    highThroughput |= (body[5] & HighThroughputBlocks) != 0;
                    break;
            }
            at += 2 + length;
        }
        return levels == int.MaxValue ? throw new SlideFormatException("the JPEG 2000 has no coding style (COD marker). It is damaged.") : new(levels, highThroughput, transformed);
    }

    /// <param name="style">The bytes from the number of decomposition levels on; then block width, block height, block style, transform and the precincts' sizes.</param>
    static int CheckStyle(ReadOnlySpan<byte> style, bool precincts, int layers, Jpeg2000Frame frame, int at)
    {
        int levels = style[0], blockX = (style[1] & 0xF) + 2, blockY = (style[2] & 0xF) + 2;
        if (levels > 32 || blockX > 10 || blockY > 10 || blockX + blockY > 12 || layers == 0 || (precincts && style.Length < 6 + levels)) throw Damaged(at);
        long blocks = 0, all = 0, most = 0;
        for (var i = 0; i <= levels; i++)
        {
            var size = precincts ? style[5 + i] : 0xFF;
            int precinctX = size & 0xF, precinctY = size >> 4;
            long width = ((long)frame.TileWidth >> (levels - i)) + 1, height = ((long)frame.TileHeight >> (levels - i)) + 1;
            var count = Pieces(width, precinctX) * Pieces(height, precinctY);
            blocks += Pieces(width, Math.Min(blockX, precinctX)) * Pieces(height, Math.Min(blockY, precinctY));
            all += count;
            most = Math.Max(most, count);
        }
        // The stream's own tiles are decoded one after the other: their memory does not add up, but their time does.
        var tiles = (frame.Width / frame.TileWidth + 1L) * (frame.Height / frame.TileHeight + 1L);
        if (blocks * frame.Components > MostBlocks || all * frame.Components > MostPrecincts || most * frame.Components * (levels + 1) * (layers + 1) * tiles > FreePackets + (long)frame.Width * frame.Height)
            throw new SlideFormatException($"the JPEG 2000 has {all} precincts and {blocks} blocks in {layers} layers, which is more than this reader decodes.");
        return levels;
    }

    // One more than the quotient: a tile's edge may lie inside a block.
    static long Pieces(long size, int exponent) => (size >> exponent) + 2;

    static SlideFormatException Damaged(int at) => new($"the JPEG 2000's header is damaged at its byte {at}.");
}
