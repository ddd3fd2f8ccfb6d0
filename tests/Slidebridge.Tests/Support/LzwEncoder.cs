namespace Slidebridge.Tests.Support;

/// <summary>LZW as TIFF 6.0 §13 describes the writer's side.</summary>
static class LzwEncoder
{
    const int Clear = 256, End = 257;

    public static byte[] Encode(ReadOnlySpan<byte> bytes) => Encode(bytes, isOld: false);

    /// <summary>As before TIFF 6.0: codes least significant bit first, and the width grows when it must.</summary>
    public static byte[] EncodeOld(ReadOnlySpan<byte> bytes) => Encode(bytes, isOld: true);

    static byte[] Encode(ReadOnlySpan<byte> bytes, bool isOld)
    {
        var late = isOld ? 1 : 0;
        var packed = new List<byte>();
        long buffer = 0;
        int bits = 0, width = 9, free = 258, prefix = -1;
        var table = new Dictionary<(int, byte), int>();
        Put(Clear);
        foreach (var value in bytes)
        {
            if (prefix < 0)
            {
                prefix = value;
            }
            else if (table.TryGetValue((prefix, value), out var code))
            {
                prefix = code;
            }
            else
            {
                Put(prefix);
                table[(prefix, value)] = free++;
                prefix = value;
                // As soon as entry 511 is there, §13; the reader is one entry behind.
                if (free - late is 512 or 1024 or 2048) width++;
                if (free < 4094) continue;
                Put(Clear);
                table.Clear();
                (free, width) = (258, 9);
            }
        }
        if (prefix >= 0) Put(prefix);
        if (prefix >= 0 && ++free - late is 512 or 1024 or 2048) width++;
        Put(End);
        if (bits > 0) packed.Add((byte)(isOld ? buffer : buffer << (8 - bits)));
        return [.. packed];

        void Put(int code)
        {
            if (isOld)
            {
                buffer |= (long)code << bits;
                for (bits += width; bits >= 8; bits -= 8, buffer >>= 8) packed.Add((byte)buffer);
                return;
            }
            buffer = buffer << width | (uint)code;
            for (bits += width; bits >= 8; bits -= 8) packed.Add((byte)(buffer >> (bits - 8)));
        }
    }
}
