using System.Globalization;
using Slidebridge.Commands;
using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

/// <summary>Pictures and tiles that the commands take out of a slide.</summary>
public sealed class SlidePicturesTests : IAsyncLifetime
{
    readonly TemporaryFolder folder = new();
    string file = null!;
    Slide slide = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Tissue in the left half; every pixel tells its place.
        file = await PaintedSlide.WriteAsync(folder, 700, 500, (x, y) => x < 350 ? ((byte)(120 + x % 100), (byte)(40 + y % 60), (byte)150) : ((byte)240, (byte)240, (byte)240));
        slide = await Slide.OpenAsync(file, cancellationToken: Token);
    }

    public async ValueTask DisposeAsync()
    {
        await slide.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData(".png", 0)]
    [InlineData(".jpg", 12)]
    [InlineData(".JPEG", 12)]
    [InlineData(".webp", 12)]
    public async Task A_thumbnail_is_what_its_name_says(string extension, int most)
    {
        var picture = await TakeAsync("thumbnail", "whole" + extension, "--size", "200");
        AssertNear(await slide.GetThumbnailAsync(200, 200, Token), picture, most);
        byte[][] magics = [[0x89, (byte)'P'], [0xFF, 0xD8], "RIFF"u8.ToArray()];
        var bytes = await File.ReadAllBytesAsync(folder.File("whole" + extension), Token);
        Assert.True(bytes.AsSpan().StartsWith(magics[extension == ".png" ? 0 : extension == ".webp" ? 2 : 1]));
    }

    [Fact]
    public async Task A_region_lies_where_its_level_0_pixels_say_at_every_resolution()
    {
        AssertNear(await slide.ReadRegionAsync(new Region(0, 30, 40, 120, 90), cancellationToken: Token), await TakeAsync("region", "a.png", "--x", "30", "--y", "40", "--width", "120", "--height", "90"), 0);
        AssertNear(await slide.ReadRegionAsync(new Region(1, 100, 60, 50, 70), cancellationToken: Token), await TakeAsync("region", "b.png", "--x", "100", "--y", "60", "--width", "50", "--height", "70", "--level", "1"), 0);
        AssertNear(await slide.ReadRegionAsync(new Region(1, 100, 60, 50, 70), cancellationToken: Token), await TakeAsync("region", "c.png", "--x", "100", "--y", "60", "--width", "50", "--height", "70", "--mpp", "1"), 0);
        var scaled = await TakeAsync("region", "d.png", "--x", "-30", "--y", "60", "--width", "100", "--height", "70", "--downsample", "3");
        Assert.Equal((100, 70), (scaled.Width, scaled.Height));
        // Ten pixels outside the slide, then tissue.
        Assert.Equal(255, scaled.Pixels[0]);
        Assert.InRange(scaled.Pixels[(35 * 100 + 50) * 3 + 2], 130, 170);
    }

    [Fact]
    public async Task A_label_comes_by_its_own_verb_and_a_slide_without_one_says_what_it_has()
    {
        var labelled = SharedFiles.Find("reported/svs_tiled_label.svs");
        await using (var from = await Slide.OpenAsync(labelled, cancellationToken: Token))
        {
            var ran = await RunAsync("label", labelled, folder.File("label.png"));
            Assert.True(ran.Code == 0, ran.Error);
            AssertNear(await from.AssociatedImages["label"].ReadAsync(Token), Raster.Decode(await File.ReadAllBytesAsync(folder.File("label.png"), Token)), 0);
        }
        var (code, _, error) = await RunAsync("label", file, folder.File("none.png"));
        Assert.Equal(1, code);
        Assert.Equal("slidebridge: The slide has no label; it has thumbnail.", error.TrimEnd());
        Assert.False(File.Exists(folder.File("none.png")));
        (code, _, error) = await RunAsync("convert", file, folder.File("series"), "--format", "dicom", "--with-label");
        Assert.Equal(2, code);
        Assert.Contains("no label and no overview for --with-label; it has thumbnail.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tiles_are_the_slides_pixels_and_the_index_says_where_they_lie()
    {
        var tiles = folder.File("tiles");
        var (code, told, error) = await RunAsync("tiles", file, tiles, "--size", "200", "--mpp", "0.5");
        Assert.True(code == 0, error);
        Assert.Contains("12 tiles in ", told, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(Path.Combine(tiles, "tiles.csv"), Token);
        Assert.Equal("column,row,x,y,width,height,mpp,tissue,file", lines[0]);
        Assert.Equal(12, lines.Length - 1);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"{i % 4},{i / 4},{i % 4 * 200},{i / 4 * 200},200,200,0.5,"), lines.Skip(1).Select(line => line[..(line.IndexOf(",0.5,", StringComparison.Ordinal) + 5)]));
        foreach (var line in lines.Skip(1).Select(line => line.Split(',')))
        {
            var expected = await slide.ReadRegionAsync(new Region(0, long.Parse(line[2], CultureInfo.InvariantCulture), long.Parse(line[3], CultureInfo.InvariantCulture), 200, 200), cancellationToken: Token);
            AssertNear(expected, Raster.Decode(await File.ReadAllBytesAsync(Path.Combine(tiles, line[8]), Token)), 0);
            Assert.InRange(double.Parse(line[7], CultureInfo.InvariantCulture), line[0] == "0" ? 0.45 : 0, line[0] is "2" or "3" ? 0.1 : 1);
        }
    }

    [Fact]
    public async Task Tiles_of_tissue_alone_are_those_with_enough_of_it()
    {
        var (code, _, error) = await RunAsync("tiles", file, folder.File("tiles"), "--size", "100", "--downsample", "2", "--tissue", "0.6", "--edges", "crop", "--format", "jpg");
        Assert.True(code == 0, error);
        Assert.Equal(["0_0.jpg", "0_1.jpg", "0_2.jpg", "1_0.jpg", "1_1.jpg", "1_2.jpg", "tiles.csv", "tiles.json"], Directory.EnumerateFiles(folder.File("tiles")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("0,2,0,400,100,50,1,", await File.ReadAllTextAsync(Path.Combine(folder.File("tiles"), "tiles.csv"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_stopped_leaves_whole_tiles_and_the_same_command_goes_on()
    {
        var tiles = folder.File("tiles");
        string[] arguments = ["tiles", file, tiles, "--size", "20"];
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            var running = SlideCommand.Create().Parse(arguments).InvokeAsync(new() { EnableDefaultExceptionHandler = false }, stop.Token);
            while (!running.IsCompleted && (!Directory.Exists(tiles) || !Directory.EnumerateFiles(tiles, "*.png").Skip(20).Any())) await Task.Delay(1, Token);
            await stop.CancelAsync();
            Assert.Equal(130, await running);
        }
        Assert.Empty(Directory.EnumerateFiles(tiles, "*.part"));
        Assert.False(File.Exists(Path.Combine(tiles, "tiles.csv")));
        var kept = Directory.EnumerateFiles(tiles, "*.png").First();
        await File.WriteAllTextAsync(kept, "a mark", Token);
        await File.WriteAllTextAsync(Path.Combine(tiles, "0_0.png.part"), "half", Token);

        var (code, _, error) = await RunAsync(["tiles", file, tiles, "--size", "21"]);
        Assert.Equal(2, code);
        Assert.Contains("unfinished tiles of another slide or other options", error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync(arguments);
        Assert.True(code == 0, error);
        Assert.Equal(35 * 25, Directory.EnumerateFiles(tiles, "*.png").Count());
        Assert.Empty(Directory.EnumerateFiles(tiles, "*.part"));
        Assert.Equal("a mark", await File.ReadAllTextAsync(kept, Token));

        // What is finished is replaced only when that is asked for, and nothing else in the folder ever.
        (code, _, error) = await RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(tiles, "thesis.docx"), "years of work", Token);
        (code, _, error) = await RunAsync([.. arguments, "--force"]);
        Assert.Equal(2, code);
        File.Delete(Path.Combine(tiles, "thesis.docx"));
        (code, _, error) = await RunAsync([.. arguments[..^1], "350", "--force"]);
        Assert.True(code == 0, error);
        Assert.Equal(4, Directory.EnumerateFiles(tiles, "*.png").Count());
    }

    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    public async Task A_deep_zoom_image_is_its_description_and_all_its_tiles(string format)
    {
        var (code, _, error) = await RunAsync("dzi", file, folder.File("a.dzi"), "--format", format);
        Assert.True(code == 0, error);
        var image = new DeepZoomGenerator(slide, new DeepZoomOptions { Format = format == "png" ? DeepZoomFormat.Png : DeepZoomFormat.Jpeg });
        Assert.Equal(image.GetDescription(), await File.ReadAllTextAsync(folder.File("a.dzi"), Token));
        var count = 0;
        for (var level = 0; level < image.LevelCount; level++)
        {
            var (columns, rows) = image.TilesOf(level);
            count += columns * rows;
            var (column, row) = (columns - 1, rows - 1);
            Assert.Equal((await image.GetTileAsync(level, column, row, Token)).Bytes, await File.ReadAllBytesAsync(folder.File($"a_files/{level}/{column}_{row}.{format}"), Token));
        }
        Assert.Equal(count, Directory.EnumerateFiles(folder.File("a_files"), "*", SearchOption.AllDirectories).Count());
        Assert.Equal(2, (await RunAsync("dzi", file, folder.File("a.dzi"))).Code);
        Assert.Equal(0, (await RunAsync("dzi", file, folder.File("a.dzi"), "--force")).Code);
    }

    [Fact]
    public async Task A_conversion_says_what_was_doubted_of_the_slide()
    {
        var (code, _, error) = await RunAsync("convert", SharedFiles.Find("reported/svs_zstack.svs"), folder.File("one-plane.svs"));
        Assert.Equal(0, code);
        Assert.Contains("warning: The file contains the slide at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'.gif' is not a supported picture type", "thumbnail", "a.gif")]
    [InlineData("has no extension", "thumbnail", "a")]
    [InlineData("--size must be 1 to 16384 pixels.", "thumbnail", "a.png", "--size", "0")]
    [InlineData("--quality must be 1 to 100.", "thumbnail", "a.png", "--quality", "101")]
    [InlineData("already exists", "thumbnail", "there.png")]
    [InlineData("'.svs' is not a supported picture type", "thumbnail", "b.svs")]
    [InlineData("Give one of --level, --mpp and --downsample.", "region", "a.png", "--x", "0", "--y", "0", "--width", "9", "--height", "9", "--level", "0", "--mpp", "1")]
    [InlineData("--mpp must be a number above 0, such as 0.5; '0,5' is not.", "region", "a.png", "--x", "0", "--y", "0", "--width", "9", "--height", "9", "--mpp", "0,5")]
    [InlineData("--level must be 0 to 1: the slide has no level 7.", "region", "a.png", "--x", "0", "--y", "0", "--width", "9", "--height", "9", "--level", "7")]
    [InlineData("The region lies outside the slide, which has 700 × 500 level-0 pixels.", "region", "a.png", "--x", "700", "--y", "0", "--width", "9", "--height", "9")]
    [InlineData("the maximum is 268435456. Write it in parts.", "region", "a.png", "--x", "0", "--y", "0", "--width", "99999", "--height", "99999")]
    [InlineData("--overlap must be less than --size, which is 10.", "tiles", "t", "--size", "10", "--overlap", "10")]
    [InlineData("--tissue must be a number above 0 and at most 1", "tiles", "t", "--tissue", "1.5")]
    [InlineData("is not the name of a Deep Zoom image", "dzi", "a.png")]
    [InlineData("'x.ome.tiff' is the name of an OME-TIFF", "convert", "x.ome.tiff", "--format", "svs")]
    [InlineData("is not the name of an OME-TIFF", "convert", "x.tiff", "--format", "ome")]
    [InlineData("ends in .dcm, but the command would write an SVS", "convert", "x.dcm")]
    [InlineData("--format dicom writes a folder", "convert", "x.ome.tif", "--format", "dicom")]
    public async Task What_is_wrong_is_said_in_one_sentence_and_nothing_is_written(string sentence, string verb, string output, params string[] options)
    {
        await File.WriteAllTextAsync(folder.File("there.png"), "precious", Token);
        var before = Directory.GetFileSystemEntries(folder.Path).Order().ToArray();
        var (code, _, error) = await RunAsync([verb, file, folder.File(output), .. options]);
        Assert.Equal(2, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Path).Order());
        Assert.Equal("precious", await File.ReadAllTextAsync(folder.File("there.png"), Token));
    }

    async Task<Raster> TakeAsync(string verb, string output, params string[] options)
    {
        var (code, _, error) = await RunAsync([verb, file, folder.File(output), .. options]);
        Assert.True(code == 0, error);
        return Raster.Decode(await File.ReadAllBytesAsync(folder.File(output), Token));
    }

    static Task<Ran> RunAsync(params string[] arguments) => Ran.AsAsync(SlideCommand.Create(), arguments);

    /// <summary>The same size, and no channel further off in the mean than lossy coding takes it.</summary>
    static void AssertNear(Raster expected, Raster found, double most)
    {
        Assert.Equal((expected.Width, expected.Height), (found.Width, found.Height));
        Assert.InRange(expected.Pixels.Zip(found.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, most);
    }
}
