namespace Slidebridge.Tests.Support;

/// <summary>OFFIS' DICOM toolkit: what an object's frames look like to somebody else.</summary>
static class Dcmtk
{
    /// <summary>Runs one of its programs, which must succeed; returns what it says.</summary>
    public static string Run(string program, params string[] arguments) => ExternalTool.Run(program, "dcmtk", arguments);

    /// <summary>All frames of an object: Rgb24, in order.</summary>
    public static IReadOnlyList<byte[]> Frames(string path, TemporaryFolder folder)
    {
        var name = $"frames-{Guid.NewGuid():n}";
        Run("dcmj2pnm", "--all-frames", "--write-raw-pnm", path, folder.File(name));
        var frames = new List<byte[]>();
        while (Directory.GetFiles(folder.Path, $"{name}.{frames.Count}.p?m").SingleOrDefault() is { } file) frames.Add(Pixels(File.ReadAllBytes(file)));
        return frames;
    }

    // "P6\n256 256\n255\n" then the samples; P5 is grey.
    static byte[] Pixels(byte[] file)
    {
        var at = 0;
        for (var lines = 0; lines < 3; at++)
            if (file[at] == '\n') lines++;
        return file[1] == '6' ? file[at..] : [.. file[at..].SelectMany(gray => new[] { gray, gray, gray })];
    }
}
