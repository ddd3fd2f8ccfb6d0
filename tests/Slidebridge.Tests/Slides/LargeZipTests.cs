using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Archives above 4 GB whose offsets and sizes are modulo 2³², as macOS writes them. Nearly all of their bytes are zeros that nobody reads.</summary>
public sealed class LargeZipTests
{
    const long GiB = 1L << 30;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(new long[] { 5 * GiB, 0 })]
    [InlineData(new long[] { 0, 9 * GiB, 3, 4 * GiB - 100 })]
    [InlineData(new long[] { 3 * GiB, 3 * GiB, 3 * GiB, 13 * GiB })]
    [InlineData(new long[] { 100, 3 * GiB, GiB })]
    public async Task Its_slide_is_found_wherever_it_stands(long[] others)
    {
        var bytes = await SlideAsync();
        for (var place = 0; place <= others.Length; place++)
            foreach (var deflated in new[] { false, true })
            {
                var zip = new WrappedZip();
                for (var i = 0; i <= others.Length; i++)
                {
                    if (i == place) zip.Add($"case/slide {i}", bytes, deflated);
                    if (i < others.Length) zip.AddZeros($"case/other {i}", others[i]);
                }
                await using var slide = await Slide.OpenAsync(zip.Build(), cancellationToken: Token);
                await using var expected = await Slide.OpenAsync(new MemorySource(bytes), cancellationToken: Token);
                Assert.Equal((await expected.ReadRegionAsync(new Region(0, 0, 0, 300, 200), cancellationToken: Token)).Pixels, (await slide.ReadRegionAsync(new Region(0, 0, 0, 300, 200), cancellationToken: Token)).Pixels);
            }
    }

    [Fact]
    public async Task A_slide_that_is_larger_itself_is_read_in_place()
    {
        var (bytes, zip) = (await SlideAsync(), new WrappedZip());
        zip.Add("slide", bytes, deflated: false, padding: 6 * GiB);
        zip.AddZeros("other", 100);
        await using var slide = await Slide.OpenAsync(zip.Build(), cancellationToken: Token);
        await slide.ReadTileAsync(0, 0, 0, cancellationToken: Token);
    }

    [Theory]
    [InlineData("another name")]
    [InlineData("another size")]
    [InlineData("bytes between")]
    public async Task What_does_not_add_up_is_refused(string how)
    {
        var zip = new WrappedZip { Between = how == "bytes between" ? 7 : 0 };
        zip.AddZeros("first", 5 * GiB);
        zip.Add("slide", await SlideAsync(), deflated: false);
        if (how == "another name") zip.Names[1] = "sliDe";
        if (how == "another size") zip.Sizes[1] += 50;
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(zip.Build(), cancellationToken: Token));
        Assert.Contains("larger than its offsets can express", failure.Message, StringComparison.Ordinal);
    }

    static async Task<byte[]> SlideAsync()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("slide.svs");
        await SyntheticTissue.Create(300, 200, 3).WriteAsync(path);
        return await File.ReadAllBytesAsync(path, Token);
    }

    sealed class WrappedZip
    {
        readonly List<(long Offset, byte[] Bytes)> pieces = [];
        readonly List<(long Header, int Method, uint Checksum, long Length)> entries = [];
        long end;

        public List<string> Names { get; } = [];

        /// <summary>Packed, as the directory states them.</summary>
        public List<long> Sizes { get; } = [];

        /// <summary>Bytes that no record explains, behind each entry.</summary>
        public int Between { get; init; }

        public void Add(string name, byte[] bytes, bool deflated, long padding = 0)
        {
            var packed = bytes;
            if (deflated)
            {
                var stream = new MemoryStream();
                using (var deflate = new DeflateStream(stream, CompressionLevel.Fastest)) deflate.Write(bytes);
                packed = stream.ToArray();
            }
            Add(name, packed, packed.Length + padding, bytes.Length + padding, deflated ? 8 : 0, Crc32.HashToUInt32(bytes));
        }

        public void AddZeros(string name, long count) => Add(name, [], count, count, 0, 0);

        public SparseSource Build()
        {
            var directory = new MemoryStream();
            var writer = new BinaryWriter(directory);
            for (var i = 0; i < entries.Count; i++)
            {
                var (header, method, checksum, length) = entries[i];
                writer.Write(0x02014B50u);
                writer.Write(0x00150015u);
                Write(writer, method, checksum, Sizes[i], length, Names[i]);
                writer.Write(new byte[10]);
                writer.Write((uint)header);
                writer.Write(Encoding.ASCII.GetBytes(Names[i]));
            }
            var size = directory.Length;
            writer.Write(0x06054B50u);
            writer.Write(0u);
            writer.Write((ushort)entries.Count);
            writer.Write((ushort)entries.Count);
            writer.Write((uint)size);
            writer.Write((uint)end);
            writer.Write((ushort)0);
            return new SparseSource(end + directory.Length, [.. pieces, (end, directory.ToArray())]);
        }

        void Add(string name, byte[] bytes, long packed, long length, int method, uint checksum)
        {
            var local = new MemoryStream();
            var writer = new BinaryWriter(local);
            writer.Write(0x04034B50u);
            writer.Write((ushort)21);
            Write(writer, method, 0, 0, 0, name);
            writer.Write(Encoding.ASCII.GetBytes(name));
            entries.Add((end, method, checksum, length));
            Names.Add(name);
            Sizes.Add(packed);
            pieces.Add((end, local.ToArray()));
            pieces.Add((end + local.Length, bytes));
            // A descriptor without its magic is one way to write it.
            end += local.Length + packed + (Names.Count % 2 == 0 ? 12 : 16) + Between;
        }

        static void Write(BinaryWriter writer, int method, uint checksum, long packed, long length, string name)
        {
            writer.Write((ushort)8);
            writer.Write((ushort)method);
            writer.Write(0u);
            writer.Write(checksum);
            writer.Write((uint)packed);
            writer.Write((uint)length);
            writer.Write((ushort)name.Length);
            writer.Write((ushort)0);
        }
    }
}
