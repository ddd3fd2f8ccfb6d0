using System.Text;
using Slidebridge.Tests.Support;

namespace Slidebridge.Fuzz.Seeds;

/// <summary>OME-TIFFs: smaller levels in SubIFDs, images by name, colours in pages and in planes.</summary>
static class OmeSeeds
{
    static readonly (int, int) Tile = (32, 32);

    public static void AddTo(SeedCollection seeds)
    {
        seeds.Add("tiff-ome-images", Build(
            """
            <Image ID="Image:0" Name="Label image"><Pixels SizeC="3" SizeZ="1" SizeT="1" SizeX="60" SizeY="50"><Channel SamplesPerPixel="3"/><TiffData IFD="0" PlaneCount="1"/></Pixels></Image>
            <Image ID="Image:1" Name="scan"><ObjectiveSettings ID="Objective:0"/><Pixels SizeC="3" SizeZ="1" SizeT="1" SizeX="100" SizeY="80" PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="0.25" PhysicalSizeYUnit="µm"><Channel SamplesPerPixel="3"/><TiffData IFD="1" PlaneCount="1"/></Pixels></Image>
            """,
            new TiffPicture(60, 50, null).Page(TiffPacking.Lzw),
            WithLevel(picture => picture.Page(TiffPacking.DeflatePredicted))));
        seeds.Add("tiff-ome-pages", Build(
            """<Image ID="Image:0"><Pixels SizeC="3" SizeZ="1" SizeT="1"><TiffData FirstC="0" IFD="0"/><TiffData FirstC="1" IFD="1"/><TiffData FirstC="2" IFD="2"/></Pixels></Image>""",
            [.. Enumerable.Range(0, 3).Select(plane => WithLevel(picture => picture.PlanePage(plane, TiffPacking.Deflate)))]));
        seeds.Add("tiff-ome-planes", Build(
            """<Image ID="Image:0"><Pixels SizeC="3" SizeZ="1" SizeT="1"><Channel SamplesPerPixel="3"/><TiffData/></Pixels></Image>""",
            WithLevel(picture => picture.PlanarPage(TiffPacking.Lzw))));
    }

    static TiffBuilderPage WithLevel(Func<TiffPicture, TiffBuilderPage> page)
    {
        var full = page(new TiffPicture(100, 80, Tile));
        full.Children.Add(page(new TiffPicture(50, 40, Tile)).Set(254, 4, 1));
        return full;
    }

    static byte[] Build(string images, params TiffBuilderPage[] pages)
    {
        var document = $"""<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Instrument ID="Instrument:0"><Objective ID="Objective:0" NominalMagnification="40.0"/></Instrument>{images}</OME>""";
        pages[0].SetText(270, Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(document)));
        var builder = new TiffBuilder(new TiffLayout(Big: true));
        builder.Pages.AddRange(pages);
        return builder.Build();
    }
}
