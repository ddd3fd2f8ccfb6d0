using System.Buffers.Binary;
using System.Text;
using Slidebridge.Slides;

namespace Slidebridge.Tests.Support;

/// <summary>Where each picture of a TIFF lies, found without the reader that is tested: classic and BigTIFF, both byte orders, the chain of directories only.</summary>
static class TiffWalk
{
    /// <param name="Description">Its ImageDescription, or nothing.</param>
    /// <param name="Subfile">Its NewSubfileType, or 0.</param>
    /// <param name="Bytes">Its strips or tiles, in their order.</param>
    public sealed record Picture(string Description, long Subfile, IReadOnlyList<ByteRange> Bytes);

    public static List<Picture> Of(byte[] file, int start = 0)
    {
        var bytes = file.AsSpan(start).ToArray();
        bool swapped = bytes[0] == 'M', big = Number(2, 2) == 43;
        int width = big ? 8 : 4, entry = big ? 20 : 12, head = big ? 8 : 2;
        var pictures = new List<Picture>();
        for (var at = Number(big ? 8 : 4, width); at != 0;)
        {
            var count = Number(at, head);
            var fields = Enumerable.Range(0, (int)count).Select(i => at + head + i * entry).ToDictionary(place => Number(place, 2), Values);
            var text = fields.GetValueOrDefault(270, []);
            var offsets = fields.GetValueOrDefault(324) ?? fields.GetValueOrDefault(273, []);
            var lengths = fields.GetValueOrDefault(325) ?? fields.GetValueOrDefault(279, []);
            pictures.Add(new Picture(Encoding.Latin1.GetString([.. text.Select(value => (byte)value)]), fields.GetValueOrDefault(254, [0])[0],
                [.. offsets.Zip(lengths).Where(each => each.Second > 0).Select(each => new ByteRange(each.First + start, each.Second))]));
            at = Number(at + head + count * entry, width);
        }
        return pictures;

        long[] Values(long place)
        {
            var size = Number(place + 2, 2) switch { 3 or 8 => 2, 4 or 9 or 11 or 13 => 4, 5 or 10 or 12 or 16 or 17 or 18 => 8, _ => 1 };
            var count = Number(place + 4, width);
            var from = count * size <= width ? place + 4 + width : Number(place + 4 + width, width);
            return [.. Enumerable.Range(0, (int)count).Select(i => Number(from + i * size, size))];
        }

        long Number(long place, int size)
        {
            var span = bytes.AsSpan((int)place, size);
            return size switch
            {
                1 => span[0],
                2 => swapped ? BinaryPrimitives.ReadUInt16BigEndian(span) : BinaryPrimitives.ReadUInt16LittleEndian(span),
                4 => swapped ? BinaryPrimitives.ReadUInt32BigEndian(span) : BinaryPrimitives.ReadUInt32LittleEndian(span),
                _ => swapped ? BinaryPrimitives.ReadInt64BigEndian(span) : BinaryPrimitives.ReadInt64LittleEndian(span),
            };
        }
    }
}
