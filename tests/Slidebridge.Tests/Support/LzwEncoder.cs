namespace Slidebridge.Tests.Support;

/// <summary>LZW as TIFF 6.0 §13 describes the writer's side.</summary>
static class LzwEncoder
{
    const int Clear = 256, End = 257;

    public static byte[] Encode(ReadOnlySpan<byte> bytes)
    {
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
                if (free is 512 or 1024 or 2048) width++;
                if (free < 4094) continue;
                Put(Clear);
                table.Clear();
                (free, width) = (258, 9);
            }
        }
        if (prefix >= 0) Put(prefix);
        if (prefix >= 0 && ++free is 512 or 1024 or 2048) width++;
        Put(End);
        if (bits > 0) packed.Add((byte)(buffer << (8 - bits)));
        return [.. packed];

        void Put(int code)
        {
            buffer = buffer << width | (uint)code;
            for (bits += width; bits >= 8; bits -= 8) packed.Add((byte)(buffer >> (bits - 8)));
        }
    }
}
