namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>OpenSlide's description of a slide. It comes from a process that has parsed hostile bytes: every number is checked before use.</summary>
sealed record ReaderDescription(
    IReadOnlyDictionary<string, string> Properties, IReadOnlyList<(string Name, long Width, long Height)> Images,
    IReadOnlyList<(long Width, long Height, double Downsample)> Levels, byte[]? Profile)
{
    const int Most = 10_000;

    public static ReaderDescription Of(nint slide) => new(
        OpenSlideLibrary.Properties(slide), OpenSlideLibrary.Images(slide),
        [.. Enumerable.Range(0, Math.Clamp(OpenSlideLibrary.Levels(slide), 0, Most)).Select(level => OpenSlideLibrary.Level(slide, level))], OpenSlideLibrary.Profile(slide));

    public void Write(BinaryWriter writer)
    {
        writer.Write(Properties.Count);
        foreach (var (name, value) in Properties)
        {
            writer.Write(name);
            writer.Write(value);
        }
        writer.Write(Images.Count);
        foreach (var (name, width, height) in Images)
        {
            writer.Write(name);
            writer.Write(width);
            writer.Write(height);
        }
        writer.Write(Levels.Count);
        foreach (var (width, height, downsample) in Levels)
        {
            writer.Write(width);
            writer.Write(height);
            writer.Write(downsample);
        }
        writer.Write(Profile?.Length ?? -1);
        writer.Write(Profile ?? []);
    }

    /// <exception cref="IOException">The bytes are truncated, or not a description.</exception>
    public static ReaderDescription Read(BinaryReader reader)
    {
        var properties = new Dictionary<string, string>();
        for (var i = Count(); i > 0; i--) properties[reader.ReadString()] = reader.ReadString();
        var images = new List<(string, long, long)>();
        for (var i = Count(); i > 0; i--) images.Add((reader.ReadString(), reader.ReadInt64(), reader.ReadInt64()));
        var levels = new List<(long, long, double)>();
        for (var i = Count(); i > 0; i--) levels.Add((reader.ReadInt64(), reader.ReadInt64(), reader.ReadDouble()));
        var profile = reader.ReadInt32() is >= 0 and var length ? reader.ReadBytes(length) : null;
        return new(properties, images, levels, profile);

        int Count() => reader.ReadInt32() is >= 0 and <= Most and var count ? count : throw new IOException("A reader's description is damaged.");
    }
}
