using System.Xml.Linq;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>What is written under an OME-TIFF's name is one.</summary>
public sealed class OmeWriterTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_OME_TIFF_has_the_same_pixels_as_an_SVS_and_says_what_OME_says(bool big)
    {
        using var folder = new TemporaryFolder();
        string ome = folder.File("slide.ome.tiff"), svs = folder.File("slide.svs");
        var tissue = SyntheticTissue.Create(1500, 1100, 4);
        var options = new PyramidWriterOptions { Mpp = 0.25, MppY = 0.5, ObjectivePower = 40, IccProfile = [.. Enumerable.Range(0, 200).Select(i => (byte)i)], BigTiff = big };
        await tissue.WriteAsync(ome, options with { Kind = PyramidKind.OmeTiff }, null, Token);
        await tissue.WriteAsync(svs, options, null, Token);
        await using var slide = await Slide.OpenAsync(ome, cancellationToken: Token);
        await using var expected = await Slide.OpenAsync(svs, cancellationToken: Token);

        Assert.Equal("ome-tiff", slide.Format);
        Assert.Equal(new MicronsPerPixel(0.25, 0.5), slide.Mpp);
        Assert.Equal(40, slide.ObjectivePower);
        Assert.Equal(options.IccProfile, await slide.ReadIccProfileAsync(Token));
        Assert.Equal(expected.Levels.Select(level => (level.Width, level.Height)), slide.Levels.Select(level => (level.Width, level.Height)));
        Assert.Empty(slide.Warnings);
        foreach (var level in slide.Levels)
        {
            var region = new Region(level.Index, 0, 0, level.Width, level.Height);
            Assert.Equal((await expected.ReadRegionAsync(region, cancellationToken: Token)).Pixels, (await slide.ReadRegionAsync(region, cancellationToken: Token)).Pixels);
        }
        var xml = XDocument.Parse(slide.Properties["tiff.ImageDescription"]).Root!;
        Assert.Equal("{http://www.openmicroscopy.org/Schemas/OME/2016-06}OME", xml.Name.ToString());
        Assert.Equal(["Instrument", "Image"], xml.Elements().Select(element => element.Name.LocalName));
        Assert.DoesNotContain("Aperio", slide.Properties["tiff.ImageDescription"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_levels_below_are_not_in_the_chain_but_named_by_the_full_level()
    {
        using var folder = new TemporaryFolder();
        await SyntheticTissue.Create(1200, 900, 4).WriteAsync(folder.File("a.ome.tif"), new PyramidWriterOptions { Kind = PyramidKind.OmeTiff, BigTiff = false }, null, Token);
        var bytes = await File.ReadAllBytesAsync(folder.File("a.ome.tif"), Token);
        var directory = (int)BitConverter.ToUInt32(bytes, 4);
        var fields = BitConverter.ToUInt16(bytes, directory);
        var entries = Enumerable.Range(0, fields).Select(i => directory + 2 + i * 12).ToDictionary(at => BitConverter.ToUInt16(bytes, at), at => at);
        Assert.Equal(0u, BitConverter.ToUInt32(bytes, directory + 2 + fields * 12));
        Assert.Equal(2u, BitConverter.ToUInt32(bytes, entries[330] + 4));
        var below = (int)BitConverter.ToUInt32(bytes, (int)BitConverter.ToUInt32(bytes, entries[330] + 8));
        // NewSubfileType of a level below: a reduced version of another image.
        Assert.Equal((254, 1u), (BitConverter.ToUInt16(bytes, below + 2), BitConverter.ToUInt32(bytes, below + 2 + 8)));
    }
}
