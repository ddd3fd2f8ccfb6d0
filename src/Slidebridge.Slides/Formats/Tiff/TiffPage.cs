using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>The storage of one directory's picture: checked sizes, and an index that is read on demand.</summary>
sealed record TiffPage
{
    // Vendors describe a page in a few hundred bytes. All pages may point to one text of megabytes, so only this much is kept for each.
    const int MostDescription = 16 * 1024;

    // With tiles of 1×1, reading a region would mostly be overhead. TIFF 6.0 §15 requires multiples of 16.
    const int SmallestTile = 8;

    /// <summary>SampleFormat of unsigned integers. TIFF 6.0 §19.</summary>
    public const long UnsignedSamples = 1;

    public required TiffDirectory Directory { get; init; }
    public required int Width { get; init; }
    public required int Height { get; init; }
    public required bool IsTiled { get; init; }
    public required int TileWidth { get; init; }
    public required int TileHeight { get; init; }
    public required TiffArray? Offsets { get; init; }
    public required TiffArray? ByteCounts { get; init; }
    public required string Compression { get; init; }
    public required StoredColor Color { get; init; }
    public required int Samples { get; init; }
    public required bool Predicted { get; init; }

    /// <summary>True if each byte of a tile is stored with its lowest bit first. TIFF 6.0 §8, FillOrder. As in libtiff, JPEG is not changed.</summary>
    public required bool IsReversed { get; init; }

    /// <summary>True if <see cref="Color"/> follows from the compression code (Aperio's and libvips' JPEG 2000), not from PhotometricInterpretation.</summary>
    public required bool HasVendorColor { get; init; }
    public required long SubfileType { get; init; }
    public required string Description { get; init; }

    /// <summary>How the picture should be turned or mirrored for display; 1 for no change. TIFF 6.0 §8.</summary>
    public required long Orientation { get; init; }

    /// <summary>True if a tile of length 0 is one that the scanner left out, whatever its offset is, as in Aperio's slides.</summary>
    public bool EmptyIsMissing { get; init; }

    /// <summary>1 if the colours of a pixel are interleaved; otherwise the number of planes, each with its own tiles, one colour after another (PlanarConfiguration 2).</summary>
    public required int Planes { get; init; }

    /// <summary>The index of this plane's first tile.</summary>
    public long FirstTile { get; init; }

    /// <summary>The pages in <see cref="TiffTag.SubIfds"/>: smaller versions of this one.</summary>
    public IReadOnlyList<TiffPage> Children { get; init; } = [];

    /// <summary>Why these pixels cannot be decoded although the page can be described; null if they can.</summary>
    public required string? Unsupported { get; init; }

    public static async Task<TiffPage> ReadAsync(TiffDirectory directory, CancellationToken cancellationToken)
    {
        int width = await directory.SizeAsync(TiffTag.ImageWidth, cancellationToken), height = await directory.SizeAsync(TiffTag.ImageLength, cancellationToken);
        var tiled = directory.Has(TiffTag.TileWidth);
        var tileWidth = tiled ? await directory.SizeAsync(TiffTag.TileWidth, cancellationToken) : width;
        var tileHeight = tiled ? await directory.SizeAsync(TiffTag.TileLength, cancellationToken) : await RowsPerStripAsync(directory, height, cancellationToken);
        if (tiled) CheckTile(directory, tileWidth, tileHeight);

        var tiles = (((long)width + tileWidth - 1) / tileWidth) * (((long)height + tileHeight - 1) / tileHeight);
        var code = await directory.IntegerAsync(TiffTag.Compression, cancellationToken) ?? 1;
        var samples = (int)Math.Min(await directory.IntegerAsync(TiffTag.SamplesPerPixel, cancellationToken) ?? 1, int.MaxValue);
        var photometric = await directory.IntegerAsync(TiffTag.Photometric, cancellationToken);
        var color = TiffColor.From(photometric ?? (samples >= 3 ? 2 : 1), code, samples);
        if (samples >= 3 && (photometric is null || color is StoredColor.Gray or StoredColor.GrayMinIsWhite))
            directory.Reader.Warnings.Add(WarningCode.ColorsAssumed, photometric is null
                ? $"A picture of the TIFF does not state what the {samples} samples of a pixel mean; they are read as red, green and blue."
                : $"A picture of the TIFF states that it is grey, but has {samples} samples per pixel; its colours may be wrong.");
        var predictor = await directory.IntegerAsync(TiffTag.Predictor, cancellationToken) ?? 1;
        var compression = TiffCompression.Name(code);
        // If the pixels cannot be decoded, the number of planes is not trusted either.
        var planes = samples is 3 or 4 && await directory.IntegerAsync(TiffTag.PlanarConfiguration, cancellationToken) == 2 ? samples : 1;
        var children = new List<TiffPage>();
        foreach (var child in directory.Children) await AddAsync(children, child, cancellationToken);
        return new TiffPage
        {
            Directory = directory,
            Width = width,
            Height = height,
            IsTiled = tiled,
            TileWidth = tileWidth,
            TileHeight = tileHeight,
            Offsets = OffsetsOf(directory, tiled, tiles * planes),
            ByteCounts = Index(directory, tiled, TiffTag.TileByteCounts, TiffTag.StripByteCounts),
            Compression = compression,
            Color = color,
            Samples = samples,
            HasVendorColor = code is TiffCompression.AperioJpeg2000Rgb or TiffCompression.AperioJpeg2000YCbCr or TiffCompression.VipsJpeg2000,
            IsReversed = await directory.IntegerAsync(TiffTag.FillOrder, cancellationToken) == 2 && compression is not ("jpeg" or "jpeg2000"),
            Predicted = predictor == 2 && IsPredictable(compression),
            Planes = planes,
            Children = children,
            SubfileType = await directory.IntegerAsync(TiffTag.NewSubfileType, cancellationToken) ?? 0,
            Description = await directory.TextAsync(TiffTag.ImageDescription, cancellationToken, MostDescription) ?? "",
            Orientation = await directory.NumberAsync(TiffTag.Orientation, cancellationToken) is >= 2 and <= 8 and var orientation ? (long)orientation : 1,
            Unsupported = await UnsupportedAsync(directory, samples, color, predictor, compression, cancellationToken),
        };
    }

    /// <summary>Adds a page. If it is damaged or not a picture, adds a warning instead.</summary>
    public static async Task AddAsync(List<TiffPage> pages, TiffDirectory directory, CancellationToken cancellationToken)
    {
        try
        {
            pages.Add(await ReadAsync(directory, cancellationToken));
        }
        catch (SlideFormatException e)
        {
            directory.Reader.Warnings.Add(WarningCode.StructureDamaged, $"A picture of the TIFF was left out: {e.Message}");
        }
    }

    static async Task<int> RowsPerStripAsync(TiffDirectory directory, int height, CancellationToken cancellationToken)
    {
        // TIFF 6.0 §8: absent, or 2³² − 1, means one strip.
        var rows = await directory.IntegerAsync(TiffTag.RowsPerStrip, cancellationToken) ?? height;
        if (rows < 1) throw new SlideFormatException($"{TiffTag.Name(TiffTag.RowsPerStrip)} is {rows}; expected at least 1.", directory.Offset, TiffTag.RowsPerStrip);
        return (int)Math.Min(rows, height);
    }

    static void CheckTile(TiffDirectory directory, int width, int height)
    {
        if (width < SmallestTile || height < SmallestTile || (long)width * height > LargeTiles.Largest)
            throw new SlideFormatException($"The tiles are {width}×{height}; expected {SmallestTile}×{SmallestTile} to {LargeTiles.Largest} pixels.", directory.Offset, TiffTag.TileWidth);
    }

    static TiffArray? OffsetsOf(TiffDirectory directory, bool tiled, long tiles)
    {
        var index = Index(directory, tiled, TiffTag.TileOffsets, TiffTag.StripOffsets);
        return index is null || index.Count >= tiles ? index : throw new SlideFormatException(
            $"{TiffTag.Name(tiled ? TiffTag.TileOffsets : TiffTag.StripOffsets)} has {index.Count} values; the picture has {tiles} tiles or strips.", directory.Offset, tiled ? TiffTag.TileOffsets : TiffTag.StripOffsets);
    }

    // Some writers store the tiles' positions in the fields for strips.
    static TiffArray? Index(TiffDirectory directory, bool tiled, int tileTag, int stripTag)
    {
        var tag = tiled && directory.Has(tileTag) ? tileTag : stripTag;
        if (directory.Entry(tag) is not { } entry) return null;
        if (!entry.IsInteger) throw new SlideFormatException($"{TiffTag.Name(tag)} has field type {entry.Type}; expected an unsigned integer.", directory.Offset, tag);
        return new TiffArray(directory, entry);
    }

    static async Task<string?> UnsupportedAsync(TiffDirectory directory, int samples, StoredColor color, long predictor, string compression, CancellationToken cancellationToken)
    {
        // Some writers give more values than there are samples, or one value for all.
        var bits = await directory.IntegersAsync(TiffTag.BitsPerSample, Math.Clamp(samples, 1, 4), cancellationToken);
        if (bits.Length == 0 || bits.Any(bit => bit != 8)) return $"samples of {(bits.Length == 0 ? 1 : bits[0])} bits; expected 8";
        if (samples is not (1 or 3 or 4)) return $"{samples} samples per pixel; expected 1, 3 or 4";
        if (color == StoredColor.Unknown) return "a colour model that is not RGB, YCbCr or grey";
        if (color is StoredColor.Rgb or StoredColor.YCbCr && samples == 1) return "a colour picture with one sample per pixel";
        // Outside JPEG, subsampled chroma is stored in separate blocks (TIFF 6.0 §21); no slide format does that.
        if (color == StoredColor.YCbCr && compression is ("none" or "packbits" or "lzw" or "deflate" or "zstd") && !await HasWholeChromaAsync(directory, cancellationToken))
            return "YCbCr with subsampled chroma and without JPEG compression";
        return predictor is 1 or 2 || !IsPredictable(compression) ? null : $"predictor {predictor}; expected 1 or 2";
    }

    // libtiff's list: the other compressions do not use a predictor, even if the field is set.
    static bool IsPredictable(string compression) => compression is "lzw" or "deflate" or "zstd";

    /// <summary>False if the directory states that pixels share their chroma. TIFF 6.0 §21: absent means 2 by 2.</summary>
    public static async Task<bool> HasWholeChromaAsync(TiffDirectory directory, CancellationToken cancellationToken) =>
        await directory.IntegersAsync(TiffTag.YCbCrSubsampling, 2, cancellationToken) is [1, 1];

    /// <summary>One plane as a grey picture.</summary>
    public TiffPage Plane(int plane) => this with
    {
        Planes = 1,
        Samples = 1,
        Color = StoredColor.Gray,
        FirstTile = plane * (((long)Width + TileWidth - 1) / TileWidth) * (((long)Height + TileHeight - 1) / TileHeight),
    };
}
