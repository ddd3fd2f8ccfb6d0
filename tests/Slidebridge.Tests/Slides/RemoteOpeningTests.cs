using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>How little of a large remote slide is fetched before its first tile is there.</summary>
[Collection(nameof(RunAlone))]
public sealed class RemoteOpeningTests
{
    const int Tile = 256, Kilobyte = 1024, Megabyte = 1024 * 1024;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_tile_of_a_300_MB_slide_as_a_scanner_lays_it_out_takes_six_round_trips_and_a_megabyte()
    {
        // Each directory behind its own pixels, as scanners write: level 0, thumbnail, two smaller levels, label, macro.
        var jpeg = JpegEncoders.Best.Encode(PaintedSlide.Pixels(Tile, Tile, (x, y) => ((byte)x, (byte)y, 7)), Tile, Tile, PixelFormat.Rgb24, 90);
        var file = new ScannerFile(new byte[300 * Megabyte], jpeg);
        file.Level(39_936, 39_936, 275 * Megabyte);
        file.Image(1024, 1024, 180 * Kilobyte);
        file.Level(9984, 9984, 17 * Megabyte);
        file.Level(2496, 2496, 1200 * Kilobyte);
        file.Image(400, 450, 150 * Kilobyte);
        file.Image(1280, 420, 120 * Kilobyte);

        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(file.Finish());
        served.Delay = TimeSpan.FromMilliseconds(30);
        await using var slide = await Slide.OpenAsync(served.Url, cancellationToken: Token);
        var opened = served.Rounds;
        Assert.Equal([39_936, 9984, 2496], slide.Levels.Select(level => level.Width));
        var tile = await slide.ReadTileAsync(0, 70, 90, ct: Token);
        Assert.Equal((Tile, Tile), (tile.Width, tile.Height));
        TestContext.Current.TestOutputHelper?.WriteLine($"opened in {opened} round trips, first tile in {served.Rounds}; {slide.Usage}");
        Assert.InRange(served.Rounds, 1, 6);
        Assert.InRange(slide.Usage.BytesRead, 1, Megabyte);
    }

    /// <summary>A TIFF whose tiles all are one JPEG, somewhere in what is otherwise nothing.</summary>
    sealed class ScannerFile(byte[] bytes, byte[] jpeg)
    {
        int at = 8, link = 4;

        public void Level(int width, int height, int room)
        {
            var pixels = at + room / 2;
            jpeg.CopyTo(bytes, pixels);
            at += room;
            var tiles = (width + Tile - 1) / Tile * ((height + Tile - 1) / Tile);
            var index = Directory(width, height, (322, 1, Tile), (323, 1, Tile), (324, tiles, 0), (325, tiles, 0));
            Index(index + 2, tiles, pixels);
            Index(index + 3, tiles, jpeg.Length);
        }

        public void Image(int width, int height, int room)
        {
            var pixels = at;
            at += room;
            Directory(width, height, (273, 1, pixels), (278, 1, height), (279, 1, room));
        }

        public byte[] Finish()
        {
            "II"u8.CopyTo(bytes);
            bytes[2] = 42;
            return bytes[..at];
        }

        readonly List<int> places = [];

        /// <summary>Writes a directory and returns where its own fields begin in <see cref="places"/>.</summary>
        int Directory(int width, int height, params (int Tag, int Count, int Value)[] own)
        {
            (int Tag, int Count, int Value)[] fields = [(256, 1, width), (257, 1, height), (258, 1, 8), (259, 1, 7), (262, 1, 6), (277, 1, 3), .. own];
            Put(link, at, 4);
            Put(at, fields.Length, 2);
            at += 2;
            var first = places.Count + 6;
            foreach (var (tag, count, value) in fields)
            {
                places.Add(at + 8);
                Put(at, tag, 2);
                Put(at + 2, 4, 2);
                Put(at + 4, count, 4);
                Put(at + 8, value, 4);
                at += 12;
            }
            link = at;
            at += 4;
            return first;
        }

        void Index(int field, int count, int value)
        {
            Put(places[field], at, 4);
            for (var i = 0; i < count; i++, at += 4) Put(at, value, 4);
        }

        void Put(int place, int value, int count)
        {
            for (var i = 0; i < count; i++) bytes[place + i] = (byte)(value >> (8 * i));
        }
    }
}
