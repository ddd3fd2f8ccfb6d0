using Slidebridge.Tests.Support;

namespace Slidebridge.Fuzz.Seeds;

/// <summary>Zips of the seeds that came before.</summary>
static class ZipSeeds
{
    public static void AddTo(SeedCollection seeds)
    {
        var series = seeds["dicom-pyramid"].Objects;
        seeds.Add("zip-stored", Build(new ZipBuilder(), series, _ => false));
        seeds.Add("zip-deflated", Build(new ZipBuilder(), series, _ => true));
        seeds.Add("zip-mixed-comment", Build(new ZipBuilder { Comment = "a comment" }, series, i => i == 1));
        seeds.Add("zip-64-stored", Build(new ZipBuilder { Zip64 = true }, series, _ => false));
        seeds.Add("zip-64-deflated", Build(new ZipBuilder { Zip64 = true }, series, _ => true));
        seeds.Add("zip-streamed", Build(new ZipBuilder { IsStreamed = true }, series, i => i == 1));
        seeds.Add("zip-behind-a-program", Build(new ZipBuilder { Prefix = "MZ a program"u8.ToArray() }, series, _ => false));
        seeds.Add("zip-tiff-stored", Build(new ZipBuilder(), seeds["tiff-written"].Objects, _ => false));
        seeds.Add("zip-tiff-deflated", Build(new ZipBuilder(), seeds["tiff-lzw-tiled"].Objects, _ => true));
        seeds.Add("zip-written", Build(new ZipBuilder(), seeds["dicom-written"].Objects, _ => false));
    }

    static byte[] Build(ZipBuilder builder, IReadOnlyList<byte[]> objects, Func<int, bool> deflated)
    {
        for (var i = 0; i < objects.Count; i++) builder.Add($"series/object-{i}", objects[i], deflated(i));
        return builder.Build();
    }
}
