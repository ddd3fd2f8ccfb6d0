using Slidebridge.Slides;
using Slidebridge.Tests.Slides.Dicom;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Wild;

/// <summary>Objects that come with a slide and are none of it, that come twice, or each with a plane of its own.</summary>
public sealed class DicomSetTests
{
    static readonly DicomPicture Full = new(200, 120, 32, seed: 5), Half = new(100, 60, 32, seed: 6), Quarter = new(50, 30, 32, seed: 7);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.2.840.10008.5.1.4.1.1.91.1", "ANN")]
    [InlineData("1.2.840.10008.5.1.4.1.1.88.34", "SR")]
    [InlineData("1.2.840.10008.5.1.4.1.1.66.4", "SEG")]
    [InlineData("1.2.840.10008.5.1.4.1.1.11.1", "PR")]
    [InlineData("1.2.840.10008.5.1.4.1.1.77.1.2", "SM")]
    [InlineData("1.2.3.4", "bad words")]
    public async Task What_is_no_slide_is_left_out_and_named_by_its_kind(string kind, string modality)
    {
        var beside = new DicomBuilder(new DicomLayout()) { Dataset = new DicomItem().Text(0x00080016, "UI", kind).Text(0x00080060, "CS", modality).Text(0x00100010, "PN", "A^Patient").Text(0x0020000E, "UI", "2.25.99") }.Build();
        await using var slide = await DicomObjects.OpenAsync(Object(Full), beside, Object(Half), "notes of a person"u8.ToArray());
        Assert.Equal([200, 100], slide.Levels.Select(level => level.Width));
        var warning = Assert.Single(slide.Warnings);
        Assert.Equal("objects-left-out", warning.Code);
        Assert.Contains("object 2 is ", warning.Message, StringComparison.Ordinal);
        Assert.Contains("object 4 is ", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Patient", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("words", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_slide_beside_it_is_refused_for_which_is_meant_cannot_be_told()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffPicture(64, 48, (64, 48)).Page(TiffPacking.Lzw));
        Assert.Contains("object 2 is a separate slide", (await DicomObjects.RefusedAsync(Object(Full), builder.Build())).Message, StringComparison.Ordinal);
        Assert.Contains("object 2 belongs to another series", (await DicomObjects.RefusedAsync(Object(Full), Object(Half, series: "2.25.5"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_object_that_is_there_twice_one_is_left_out_and_of_a_copy_that_was_cut_short_that()
    {
        var whole = Object(Full);
        await using var slide = await DicomObjects.OpenAsync(whole, Object(Half), whole, whole);
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        Assert.Contains("object 3 is a copy of object 1, object 4 is a copy of object 1", Assert.Single(slide.Warnings).Message, StringComparison.Ordinal);
        await using var longer = await DicomObjects.OpenAsync(whole[..^100], whole);
        await Pixels.AssertSameAsync(longer, 0, Full.Pixels);
    }

    [Fact]
    public async Task One_UID_for_all_objects_of_a_slide_does_not_make_them_copies()
    {
        await using var slide = await DicomObjects.OpenAsync(Object(Full, uid: "2.25.1"), Object(Half, uid: "2.25.1"), Object(Quarter, uid: "2.25.1"));
        Assert.Equal([200, 100, 50], slide.Levels.Select(level => level.Width));
        Assert.Empty(slide.Warnings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_object_for_each_focal_plane_is_one_slide(bool withDepths)
    {
        var planes = Enumerable.Range(0, 3).Select(i => new DicomPicture(200, 120, 32, seed: 30 + i)).ToList();
        byte[] Of(int plane)
        {
            var dataset = planes[plane].Dataset().Text(0x00080018, "UI", $"2.25.{plane + 50}").Text(0x00200013, "IS", $"{plane + 1}").Long(0x00480303, 3);
            if (withDepths) dataset.Sequence(0x00480008, new DicomItem().Number(0x0040074A, plane * 1.5));
            return new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = planes[plane].Frames() }.Build();
        }
        for (var plane = 0; plane < 3; plane++)
        {
            await using var slide = await DicomObjects.OpenAsync(new SlideOptions { FocalPlane = plane }, Of(2), Of(0), Of(1));
            Assert.Equal(3, slide.FocalPlanes.Count);
            Assert.Equal(withDepths ? plane * 1.5 : null, slide.FocalPlanes[plane].Offset);
            await Pixels.AssertSameAsync(slide, 0, planes[plane].Pixels);
            Assert.Contains($"3 focal planes; plane {plane} is shown", Assert.Single(slide.Warnings).Message, StringComparison.Ordinal);
        }
        // Planes that are missing are said to be.
        await using var two = await DicomObjects.OpenAsync(Of(0), Of(1));
        Assert.Contains(two.Warnings, warning => warning.Message.Contains("3 focal planes, but its objects contain 2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ORIGINAL\\PRIMARY\\VOLUME\\NONE", 150, 1, false, "other-pictures")]
    [InlineData("DERIVED\\PRIMARY\\VOLUME\\RESAMPLED", 150, 1, false, "other-pictures")]
    [InlineData("DERIVED\\PRIMARY\\VOLUME\\RESAMPLED", 150, 4.0 / 3, true, null)]
    [InlineData("ORIGINAL\\PRIMARY\\VOLUME\\NONE", 100, 2, true, null)]
    [InlineData("ORIGINAL\\PRIMARY\\VOLUME\\NONE", 100, 1, true, "resolution-doubtful")]
    [InlineData("DERIVED\\PRIMARY\\VOLUME\\RESAMPLED", 100, 1, true, null)]
    public async Task Another_region_of_the_glass_is_no_level_whatever_its_shape(string type, int width, double times, bool isLevel, string? warning)
    {
        // Full has 200 pixels of 2.5 µm a row; another region has the same spacing. Some writers give all levels one spacing.
        var mm = 0.0025 * times;
        var picture = new DicomPicture(width, width * 3 / 5, 32, seed: 9);
        var dataset = picture.Dataset().Text(0x00080008, "CS", type).Sequence(0x52009229, new DicomItem().Sequence(0x00289110, new DicomItem().Number(0x00280030, mm, mm / 2)));
        await using var slide = await DicomObjects.OpenAsync(Object(Full), new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = picture.Frames() }.Build());
        Assert.Equal(isLevel ? 2 : 1, slide.Levels.Count);
        if (warning is null) Assert.Empty(slide.Warnings);
        else Assert.Equal(warning, Assert.Single(slide.Warnings).Code);
    }

    [Fact]
    public async Task A_series_may_lack_any_of_its_smaller_levels()
    {
        await using var slide = await DicomObjects.OpenAsync(Object(Quarter), Object(Full));
        Assert.Equal([1, 4], slide.Levels.Select(level => level.Downsample));
        await Pixels.AssertSameAsync(slide, 1, Quarter.Pixels);
    }

    static byte[] Object(DicomPicture picture, string series = "2.25.77", string? uid = null)
    {
        var dataset = picture.Dataset(series: series);
        if (uid is not null) dataset.Text(0x00080018, "UI", uid);
        return new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = picture.Frames() }.Build();
    }
}
