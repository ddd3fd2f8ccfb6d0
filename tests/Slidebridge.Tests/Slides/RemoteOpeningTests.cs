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
    public async Task The_first_tile_of_a_300_MB_slide_as_a_scanner_lays_it_out_takes_eight_round_trips_and_400_KB()
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
        var tile = await slide.ReadTileAsync(0, 70, 90, cancellationToken: Token);
        Assert.Equal((Tile, Tile), (tile.Width, tile.Height));
        TestContext.Current.TestOutputHelper?.WriteLine($"opened in {opened} round trips, first tile in {served.Rounds}; {slide.Usage}");
        Assert.InRange(served.Rounds, 1, 8);
        Assert.InRange(slide.Usage.BytesRead, 1, 400_000);
    }

    [Fact]
    public async Task A_300_MB_pyramid_with_each_directory_behind_its_tiles_opens_in_eight_requests_and_350_KB()
    {
        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(Pyramid());
        await using var slide = await Slide.OpenAsync(served.Url, cancellationToken: Token);
        Assert.Equal(Enumerable.Range(0, 9).Select(level => 39_936 >> level), slide.Levels.Select(level => level.Width));
        TestContext.Current.TestOutputHelper?.WriteLine($"{slide.Usage}");
        Assert.InRange(slide.Usage.Requests, 1, 8);
        Assert.InRange(slide.Usage.BytesRead, 1, 350_000);
        foreach (var level in new[] { 6, 3, 0, 1, 4, 8 })
        {
            var tile = await slide.ReadTileAsync(level, 0, 0, cancellationToken: Token);
            Assert.Equal(7, tile.Pixels[2], 4.0);
        }
        Assert.Empty(slide.Warnings);
    }

    [Fact]
    public async Task A_second_picture_in_the_file_is_never_taken_for_the_first_ones_levels()
    {
        // Two pyramids of one size: the last directories are the second one's.
        var jpeg = JpegEncoders.Best.Encode(PaintedSlide.Pixels(Tile, Tile, (x, y) => ((byte)x, (byte)y, 7)), Tile, Tile, PixelFormat.Rgb24, 90);
        var file = new ScannerFile(new byte[40 * Megabyte], jpeg);
        for (var picture = 0; picture < 2; picture++)
            for (var level = 0; level < 6; level++) file.Level(4096 >> level, 4096 >> level, 12 * Megabyte >> (2 * level));
        await using var server = await RangeServer.StartAsync();
        await using var slide = await Slide.OpenAsync(server.Serve(file.Finish()).Url, cancellationToken: Token);
        Assert.Equal(6, slide.Levels.Count);
        Assert.Contains(slide.Warnings, warning => warning.Code == "other-pictures");
        foreach (var level in slide.Levels) await slide.ReadTileAsync(level.Index, 0, 0, cancellationToken: Token);
    }

    static byte[] Pyramid()
    {
        var jpeg = JpegEncoders.Best.Encode(PaintedSlide.Pixels(Tile, Tile, (x, y) => ((byte)x, (byte)y, 7)), Tile, Tile, PixelFormat.Rgb24, 90);
        var file = new ScannerFile(new byte[312 * Megabyte], jpeg);
        int[] kilobytes = [210_000, 67_000, 18_500, 5000, 1300, 380, 120, 41, 12];
        for (var level = 0; level < kilobytes.Length; level++) file.Level(39_936 >> level, 39_936 >> level, Math.Max(24 * Kilobyte, kilobytes[level] * Kilobyte)); // Room for the JPEG, which lies in its middle.
        return file.Finish();
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
            // One value has its place in the field itself.
            if (count == 1)
            {
                Put(places[field], value, 4);
                return;
            }
            Put(places[field], at, 4);
            for (var i = 0; i < count; i++, at += 4) Put(at, value, 4);
        }

        void Put(int place, int value, int count)
        {
            for (var i = 0; i < count; i++) bytes[place + i] = (byte)(value >> (8 * i));
        }
    }
}
