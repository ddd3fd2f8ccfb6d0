using System.Globalization;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Formats.Tiff;

namespace Slidebridge.Slides.Writing;

/// <summary>A level whose tiles are already in the file.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="TileWidth">Pixels; a multiple of 16.</param>
/// <param name="TileHeight">Pixels; a multiple of 16.</param>
/// <param name="Index">The positions of its tiles.</param>
sealed record WrittenLevel(int Width, int Height, int TileWidth, int TileHeight, TiffLevelSink Index);

/// <summary>Writes the directories of a pyramid whose tiles are in a TIFF, in Aperio's or OME's arrangement: the directories at the end, then the header that points to them.</summary>
/// <param name="sink">The file.</param>
/// <param name="big">True for BigTIFF.</param>
/// <param name="options">Arrangement, resolution, objective, profile.</param>
/// <param name="levels">The largest first.</param>
/// <param name="frames">The kind of JPEG of the tiles.</param>
/// <param name="coding">The coding's name in Aperio's description.</param>
sealed class PyramidDirectories(TileSink sink, bool big, PyramidWriterOptions options, IReadOnlyList<WrittenLevel> levels, FrameKind frames, string coding)
{
    const ushort Rgb = 2, YCbCr = 6, Jpeg = 7;

    /// <param name="thumbnail">Written in Aperio's arrangement only.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public async ValueTask WriteAsync(Raster thumbnail, CancellationToken cancellationToken)
    {
        var first = options.Kind == PyramidKind.OmeTiff ? await WriteOmeAsync(cancellationToken) : await WriteAperioAsync(thumbnail, cancellationToken);
        // Last, so that a file whose writing was interrupted does not look like a slide.
        await sink.WriteHeaderAsync(Header(first), cancellationToken);
    }

    /// <summary>Aperio's order: the full level, the thumbnail, the other levels. Returns the position of the first directory.</summary>
    async ValueTask<long> WriteAperioAsync(Raster thumbnail, CancellationToken cancellationToken)
    {
        var jpeg = JpegEncoders.Best.Encode(thumbnail.Pixels, thumbnail.Width, thumbnail.Height, thumbnail.Format, options.Quality);
        var thumbnailAt = await sink.AppendAsync(jpeg, cancellationToken);
        var directories = new List<TiffDirectoryWriter> { await DescribeAsync(0, cancellationToken), DescribeThumbnail(thumbnail, thumbnailAt, jpeg.Length) };
        for (var i = 1; i < levels.Count; i++) directories.Add(await DescribeAsync(i, cancellationToken));
        var first = sink.Position + (sink.Position & 1);
        for (var i = 0; i < directories.Count; i++)
            await sink.AppendAsync(directories[i].Layout(sink.Position + (sink.Position & 1), last: i == directories.Count - 1), cancellationToken);
        return first;
    }

    /// <summary>OME's order: the directories of the other levels are not in the chain, but listed in the full level's directory. Returns the position of that directory.</summary>
    async ValueTask<long> WriteOmeAsync(CancellationToken cancellationToken)
    {
        var full = await DescribeAsync(0, cancellationToken);
        var others = new List<TiffDirectoryWriter>();
        for (var i = 1; i < levels.Count; i++) others.Add(await DescribeAsync(i, cancellationToken));
        var places = new long[others.Count];
        for (var i = 0; i < others.Count; i++) places[i] = await sink.AppendAsync(others[i].Layout(sink.Position + (sink.Position & 1), last: true), cancellationToken);
        if (places.Length > 0) full.Long(TiffTag.SubIfds, places);
        var first = sink.Position + (sink.Position & 1);
        await sink.AppendAsync(full.Layout(first, last: true), cancellationToken);
        return first;
    }

    byte[] Header(long first)
    {
        var header = new byte[big ? 16 : 8];
        "II"u8.CopyTo(header);
        header[2] = (byte)(big ? 43 : 42);
        if (big) header[4] = 8;
        if (big) BitConverter.TryWriteBytes(header.AsSpan(8), first);
        else BitConverter.TryWriteBytes(header.AsSpan(4), checked((uint)first));
        return header;
    }

    async ValueTask<TiffDirectoryWriter> DescribeAsync(int index, CancellationToken cancellationToken)
    {
        var (full, level) = (levels[0], levels[index]);
        var shrunk = index == 0 ? "" : $" -> {level.Width}x{level.Height}";
        var directory = Describe(level.Width, level.Height, frames);
        directory.Long(TiffTag.NewSubfileType, options.Kind == PyramidKind.OmeTiff && index > 0 ? 1 : 0);
        directory.Long(TiffTag.TileWidth, level.TileWidth);
        directory.Long(TiffTag.TileLength, level.TileHeight);
        if (options.Kind == PyramidKind.Aperio) DescribeAperio(directory, $"[0,0 {full.Width}x{full.Height}] ({level.TileWidth}x{level.TileHeight}){shrunk} {coding}");
        else directory.Text(TiffTag.Software, "Slidebridge");
        if (index == 0 && options.Kind == PyramidKind.OmeTiff) directory.Text(TiffTag.ImageDescription, OmeDescription.Of(level.Width, level.Height, options));
        if (index == 0 && options.IccProfile is { Length: > 8 } profile) await directory.BlobAsync(TiffTag.IccProfile, profile, sink, cancellationToken);
        await directory.IndexAsync(TiffTag.TileOffsets, level.Index.Offsets, sink, cancellationToken);
        await directory.IndexAsync(TiffTag.TileByteCounts, level.Index.ByteCounts, sink, cancellationToken);
        return directory;
    }

    TiffDirectoryWriter DescribeThumbnail(Raster thumbnail, long offset, long length)
    {
        var directory = Describe(thumbnail.Width, thumbnail.Height, new FrameKind(false, 2, 2));
        directory.Long(TiffTag.NewSubfileType, 0);
        directory.Long(TiffTag.StripOffsets, offset);
        directory.Long(TiffTag.RowsPerStrip, thumbnail.Height);
        directory.Long(TiffTag.StripByteCounts, length);
        DescribeAperio(directory, $"-> {thumbnail.Width}x{thumbnail.Height} - ");
        return directory;
    }

    TiffDirectoryWriter Describe(int width, int height, FrameKind kind)
    {
        var directory = new TiffDirectoryWriter(big);
        directory.Long(TiffTag.ImageWidth, width);
        directory.Long(TiffTag.ImageLength, height);
        directory.Short(TiffTag.BitsPerSample, 8, 8, 8);
        directory.Short(TiffTag.Compression, Jpeg);
        directory.Short(TiffTag.Photometric, kind.IsRgb ? Rgb : YCbCr);
        directory.Short(TiffTag.SamplesPerPixel, 3);
        directory.Short(TiffTag.PlanarConfiguration, 1);
        if (!kind.IsRgb) directory.Short(TiffTag.YCbCrSubsampling, (ushort)kind.Horizontal, (ushort)kind.Vertical);
        return directory;
    }

    void DescribeAperio(TiffDirectoryWriter directory, string what)
    {
        var power = options.ObjectivePower is { } times ? string.Create(CultureInfo.InvariantCulture, $"|AppMag = {times}") : "";
        directory.Text(TiffTag.ImageDescription, string.Create(CultureInfo.InvariantCulture,
            $"Aperio Image Library v12.0.0 (Slidebridge) \r\n{levels[0].Width}x{levels[0].Height} {what}{power}|MPP = {(options.Mpp + (options.MppY ?? options.Mpp)) / 2}"));
    }
}
