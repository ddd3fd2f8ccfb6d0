using Slidebridge.Slides;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Formats.Dicom;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Dicom;

/// <summary>Several objects become one slide, or it is said which of them do not belong.</summary>
public sealed class DicomSeriesTests
{
    static readonly DicomPicture Full = new(200, 120, 32), Half = new(100, 60, 32, seed: 2), Quarter = new(50, 30, 64, seed: 3), Label = new(40, 30, 40, seed: 4), Macro = new(90, 30, 90, seed: 5);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_objects_of_a_series_in_any_order_are_one_pyramid()
    {
        byte[][] objects = [Object(Label, "LABEL"), Object(Half), Object(Macro, "OVERVIEW"), Object(Full), Object(Quarter), Object(Quarter, "THUMBNAIL")];
        await using var slide = await DicomObjects.OpenAsync(objects);
        Assert.Equal([(200, 120), (100, 60), (50, 30)], slide.Levels.Select(level => (level.Width, level.Height)));
        Assert.Equal([1.0, 2, 4], slide.Levels.Select(level => level.Downsample));
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        await Pixels.AssertSameAsync(slide, 1, Half.Pixels);
        await Pixels.AssertSameAsync(slide, 2, Quarter.Pixels);
        Assert.Equal(["label", "macro", "thumbnail"], slide.AssociatedImages.Keys.Order());
        Assert.Equal(Label.Pixels, (await slide.AssociatedImages["label"].ReadAsync(Token)).Pixels);
        Assert.Equal(Macro.Pixels, (await slide.AssociatedImages["macro"].ReadAsync(Token)).Pixels);
    }

    [Fact]
    public async Task A_folder_and_a_list_of_addresses_are_a_series_too()
    {
        using var folder = new TemporaryFolder();
        byte[][] objects = [Object(Half), Object(Full), Directory()];
        for (var i = 0; i < objects.Length; i++) await File.WriteAllBytesAsync(folder.File($"{i}"), objects[i], Token);
        await using (var slide = await Slide.OpenAsync(folder.Path, cancellationToken: Token)) await Pixels.AssertSameAsync(slide, 1, Half.Pixels);
        await using var server = await RangeServer.StartAsync();
        await using var remote = await Slide.OpenAsync([.. objects.Select(bytes => server.Serve(bytes).Url)], cancellationToken: Token);
        await Pixels.AssertSameAsync(remote, 0, Full.Pixels);
        await Pixels.AssertSameAsync(remote, 1, Half.Pixels);
    }

    [Fact]
    public async Task A_zip_of_a_series_is_read_in_place()
    {
        var zip = new ZipBuilder();
        zip.Add("DICOM/1/DICOMDIR", Directory(), deflated: true);
        zip.Add("DICOM/1/b", Object(Half), deflated: true);
        zip.Add("DICOM/1/a", Object(Full));
        var bytes = zip.Build();
        await using (var slide = await DicomObjects.OpenAsync(bytes)) await Pixels.AssertSameAsync(slide, 1, Half.Pixels);
        await using var server = await RangeServer.StartAsync();
        await using var remote = await Slide.OpenAsync(server.Serve(bytes).Url, cancellationToken: Token);
        Assert.Equal("dicom-wsi", remote.Format);
        await Pixels.AssertSameAsync(remote, 0, Full.Pixels);
    }

    [Fact]
    public async Task Strangers_are_named_by_their_number_and_kind()
    {
        // Another series is another slide; what is no slide at all is named with it.
        var scan = new DicomBuilder(new DicomLayout()) { Dataset = new DicomItem().Text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2").Text(0x00080060, "CS", "CT").Text(0x0020000E, "UI", "2.25.99") }.Build();
        var other = Object(Half, series: "2.25.5");
        var failure = await DicomObjects.RefusedAsync(Object(Full), scan, other, new byte[300]);
        Assert.Contains("object 2 is CT, object 3 belongs to another series, object 4 is of an unknown kind", failure.Message, StringComparison.Ordinal);
        Assert.Contains("is CT; expected", (await DicomObjects.RefusedAsync(scan)).Message, StringComparison.Ordinal);
        Assert.Contains("DICOMDIR", (await DicomObjects.RefusedAsync(Directory())).Message, StringComparison.Ordinal);
        Assert.Contains("None of the objects is a level", (await DicomObjects.RefusedAsync(Object(Label, "LABEL"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_images_of_one_size_are_refused_and_named()
    {
        var failure = await DicomObjects.RefusedAsync(Object(Full), Object(Half), Object(Full, uid: "2.25.77"));
        Assert.Contains("Objects 1 and 3 are both 200×120", failure.Message, StringComparison.Ordinal);
        Assert.Contains("not a reduced copy", (await DicomObjects.RefusedAsync(Object(Full), Object(new DicomPicture(100, 100, 32)))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DicomSyntax.Explicit)]
    [InlineData(DicomSyntax.Rle)]
    public async Task A_concatenation_is_put_together_from_its_parts_in_any_order(string syntax)
    {
        var parts = Concatenated(syntax, 10, 12, 6);
        await DicomObjects.AssertShowsAsync(Full.Pixels, parts[2], parts[0], parts[1]);
    }

    [Fact]
    public async Task A_sparse_concatenation_is_put_together_too()
    {
        var tiles = (from row in Enumerable.Range(0, Full.Rows) from column in Enumerable.Range(0, Full.Columns) select (Column: column, Row: row)).Reverse().ToList();
        var parts = Concatenated(DicomSyntax.Explicit, [10, 18], tiles);
        await DicomObjects.AssertShowsAsync(Full.Pixels, parts[1], parts[0]);
    }

    [Fact]
    public async Task A_missing_part_is_named_by_its_number()
    {
        var parts = Concatenated(DicomSyntax.Explicit, 10, 12, 6);
        Assert.Contains("Part 2 of 3", (await DicomObjects.RefusedAsync(parts[0], parts[2])).Message, StringComparison.Ordinal);
        Assert.Contains("Part 1 of 3", (await DicomObjects.RefusedAsync(parts[1], parts[2])).Message, StringComparison.Ordinal);
        Assert.Contains("Part 3 of 3", (await DicomObjects.RefusedAsync(parts[0], parts[1])).Message, StringComparison.Ordinal);
        await using var twice = await DicomObjects.OpenAsync(parts[0], parts[1], parts[2], parts[1]);
        Assert.Contains("object 4 is a copy of object 2", Assert.Single(twice.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Optical_paths_and_focal_planes_of_one_object_are_chosen()
    {
        var layers = Enumerable.Range(0, 6).Select(i => new DicomPicture(70, 50, 32, seed: 10 + i)).ToList();
        var dataset = layers[0].Dataset().Long(0x00480302, 2).Long(0x00480303, 3).Text(0x00280008, "IS", "36")
            .Sequence(0x00480105, DicomPicture.Path("DAPI", "blue"), DicomPicture.Path("FITC", "green"));
        dataset.Elements[0x52009229].Items![0].Elements[0x00289110].Items![0].Number(0x00180088, 0.0015);
        var bytes = new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = [.. layers.SelectMany(layer => layer.Frames())] }.Build();
        for (var path = 0; path < 2; path++)
            for (var plane = 0; plane < 3; plane++)
            {
                await using var slide = await DicomObjects.OpenAsync(new SlideOptions { OpticalPath = path == 0 ? null : "FITC", FocalPlane = plane }, bytes);
                Assert.Equal([new OpticalPath("DAPI", "blue"), new OpticalPath("FITC", "green")], slide.OpticalPaths);
                Assert.Equal([new FocalPlane(0, 0), new FocalPlane(1, 1.5), new FocalPlane(2, 3)], slide.FocalPlanes);
                await Pixels.AssertSameAsync(slide, 0, layers[path * 3 + plane].Pixels);
            }
        Assert.Contains("SlideOptions.FocalPlane is 3", (await Assert.ThrowsAsync<SlideFormatException>(() => DicomObjects.OpenAsync(new SlideOptions { FocalPlane = 3 }, bytes))).Message, StringComparison.Ordinal);
        Assert.Contains("SlideOptions.OpticalPath", (await Assert.ThrowsAsync<SlideFormatException>(() => DicomObjects.OpenAsync(new SlideOptions { OpticalPath = "TRITC" }, bytes))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Optical_paths_in_objects_of_their_own_are_chosen()
    {
        DicomPicture blue = new(200, 120, 32, seed: 8), smallBlue = new(100, 60, 32, seed: 9);
        byte[] Of(DicomPicture picture, string path) => new DicomBuilder(new DicomLayout()) { Dataset = picture.Dataset().Sequence(0x00480105, DicomPicture.Path(path, path)), Frames = picture.Frames() }.Build();
        byte[][] objects = [Of(Full, "A"), Of(Half, "A"), Of(blue, "B"), Of(smallBlue, "B")];
        await using var slide = await DicomObjects.OpenAsync(new SlideOptions { OpticalPath = "B" }, objects);
        Assert.Equal(["A", "B"], slide.OpticalPaths.Select(path => path.Identifier));
        await Pixels.AssertSameAsync(slide, 0, blue.Pixels);
        await Pixels.AssertSameAsync(slide, 1, smallBlue.Pixels);
    }

    [Fact]
    public async Task Sparse_frames_of_several_paths_and_depths_are_chosen()
    {
        var pictures = Enumerable.Range(0, 4).Select(i => new DicomPicture(70, 50, 32, seed: 20 + i)).ToList();
        var (positions, frames) = (new List<DicomItem>(), new List<byte[]>());
        // Interleaved: all layers of a tile together, the upper plane first.
        for (var row = 0; row < 2; row++)
            for (var column = 0; column < 3; column++)
                for (var i = 3; i >= 0; i--)
                {
                    positions.Add(DicomPicture.Position(column * 32 + 1, row * 32 + 1, i < 2 ? "1" : "2", i % 2 * 2.5));
                    frames.Add(pictures[i].TileAt(column, row));
                }
        var dataset = DicomPicture.AddPositions(pictures[0].Dataset(), [.. positions]).Sequence(0x00480105, DicomPicture.Path("1", "a"), DicomPicture.Path("2", "b"));
        var bytes = new DicomBuilder(new DicomLayout(Undefined: true)) { Dataset = dataset, Frames = frames }.Build();
        for (var i = 0; i < 4; i++)
        {
            await using var slide = await DicomObjects.OpenAsync(new SlideOptions { OpticalPath = i < 2 ? "1" : "2", FocalPlane = i % 2 }, bytes);
            Assert.Equal([0, 2.5], slide.FocalPlanes.Select(plane => plane.Offset));
            await Pixels.AssertSameAsync(slide, 0, pictures[i].Pixels);
        }
    }

    [Fact]
    public async Task A_hundred_thousand_sparse_frames_open_in_bounded_memory()
    {
        const int columns = 400, rows = 250;
        var positions = Enumerable.Range(0, columns * rows).Select(i => DicomPicture.Position(i % columns * 8 + 1, i / columns * 8 + 1, "1", 0)).ToArray();
        var picture = new DicomPicture(8, 8, 8);
        var dataset = DicomPicture.AddPositions(picture.Dataset(), positions).Long(0x00480006, columns * 8).Long(0x00480007, rows * 8);
        var frame = picture.TileAt(0, 0);
        var bytes = new DicomBuilder(new DicomLayout(Undefined: true)) { Dataset = dataset, Frames = [.. Enumerable.Repeat(frame, columns * rows)] }.Build();
        var source = new MemorySource(bytes);
        var read = await DicomParser.ReadAsync(await SlideObject.TakeAsync(1, source, isExact: false, Token), Token);
        Assert.Equal(columns * rows, read.Positions!.Count);
        await using var slide = await DicomObjects.OpenAsync(bytes);
        Assert.Equal(frame, (await slide.ReadTileAsync(0, columns - 1, rows - 1, cancellationToken: Token)).Pixels);
    }

    static byte[] Object(DicomPicture picture, string flavor = "VOLUME", string series = "2.25.77", string? uid = null)
    {
        var dataset = picture.Dataset(flavor, series);
        if (uid is not null) dataset.Text(0x00080018, "UI", uid);
        return new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = picture.Frames() }.Build();
    }

    static byte[] Directory() => new DicomBuilder(new DicomLayout()) { Dataset = new DicomItem().Text(0x00080016, "UI", "1.2.840.10008.1.3.10") }.Build();

    static List<byte[]> Concatenated(string syntax, params int[] lengths) => Concatenated(syntax, lengths, null);

    static List<byte[]> Concatenated(string syntax, int[] lengths, List<(int Column, int Row)>? sparse)
    {
        var frames = sparse is null ? Full.Frames(syntax == DicomSyntax.Rle ? Full.Rle : null) : [.. sparse.Select(tile => Full.TileAt(tile.Column, tile.Row))];
        var (parts, first) = (new List<byte[]>(), 0);
        for (var i = 0; i < lengths.Length; first += lengths[i++])
        {
            var dataset = Full.Dataset().Text(0x00209161, "UI", "2.25.33").Short(0x00209162, i + 1).Short(0x00209163, lengths.Length).Long(0x00209228, first).Text(0x00280008, "IS", $"{lengths[i]}");
            if (sparse is not null) DicomPicture.AddPositions(dataset, [.. sparse.GetRange(first, lengths[i]).Select(tile => DicomPicture.Position(tile.Column * 32 + 1, tile.Row * 32 + 1))]);
            parts.Add(new DicomBuilder(new DicomLayout(syntax)) { Dataset = dataset, Frames = frames.GetRange(first, lengths[i]) }.Build());
        }
        return parts;
    }
}
