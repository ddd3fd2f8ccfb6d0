using System.Buffers;

namespace Slidebridge.Slides.Writing;

/// <summary>
/// A generated slide with known ground truth, for tests, demonstrations and benchmarks. The default stain is H&amp;E: islands of eosin-pink tissue with glands,
/// lumens and purple nuclei on near-white glass, designed for 0.5 µm per pixel. Every pixel depends only on its position and the seed.
/// </summary>
public sealed class SyntheticTissue
{
    // Blocks with this edge are painted in parallel.
    const int Block = 256;

    // The lining of a gland extends at most this far beyond a pixel: ground truth queries search this far.
    const int MostPixelsOfTruth = 64 * 1024 * 1024;

    readonly TissueShape shape;
    readonly TissueCells cells;
    readonly TissuePainter painter;

    SyntheticTissue(int width, int height, int seed, SyntheticStain stain)
    {
        Width = width;
        Height = height;
        Seed = seed;
        Stain = stain;
        var noise = new Noise((uint)seed).Other(seed);
        shape = new TissueShape(width, height, noise);
        cells = new TissueCells(shape, noise, stain);
        painter = new TissuePainter(shape, cells, noise, stain);
    }

    /// <summary>Level-0 pixels.</summary>
    public int Width { get; }

    /// <summary>Level-0 pixels.</summary>
    public int Height { get; }

    /// <summary>The same seed and size give the same slide.</summary>
    public int Seed { get; }

    /// <summary>The stain; the tissue is the same in every stain.</summary>
    public SyntheticStain Stain { get; }

    /// <summary>Prepares a slide; nothing is painted yet.</summary>
    /// <param name="width">Level-0 pixels, 1 to 500 000.</param>
    /// <param name="height">Level-0 pixels, 1 to 500 000.</param>
    /// <param name="seed">Any number.</param>
    /// <param name="stain">The stain.</param>
    public static SyntheticTissue Create(int width, int height, int seed = 1, SyntheticStain stain = SyntheticStain.HaematoxylinEosin)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 500_000);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, 500_000);
        return new SyntheticTissue(width, height, seed, stain);
    }

    /// <summary>Ground truth: true if level-0 pixel (x, y) is tissue. Lumens and clefts inside it count as tissue.</summary>
    public bool IsTissue(int x, int y) => shape.Depth(x, y) > 0;

    /// <summary>Ground truth: every nucleus whose centre lies in a rectangle of level-0 pixels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or the area is above 64 Mi pixels: query it in parts.</exception>
    public IReadOnlyList<SyntheticNucleus> FindNuclei(int x, int y, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, MostPixelsOfTruth);
        return [.. cells.NucleiIn(x, y, width, height).Where(n => n.X >= x && n.X < x + width && n.Y >= y && n.Y < y + height)];
    }

    /// <summary>Paints a rectangle of level-0 pixels as Rgb24, shape [height, width, 3]. The rectangle may extend outside the slide.</summary>
    /// <exception cref="ArgumentException">The destination is too small.</exception>
    public void Render(int x, int y, int width, int height, Memory<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        if (destination.Length < (long)width * height * 3) throw new ArgumentException($"{width}×{height} pixels need {(long)width * height * 3} bytes; the destination has {destination.Length}.", nameof(destination));
        int columns = (width + Block - 1) / Block, rows = (height + Block - 1) / Block;
        Parallel.For(0, columns * rows, i =>
        {
            int left = i % columns * Block, top = i / columns * Block;
            painter.Paint(x + left, y + top, Math.Min(Block, width - left), Math.Min(Block, height - top), destination.Span[((top * width + left) * 3)..], width * 3);
        });
    }

    /// <summary>Paints the slide band by band and writes it as a pyramid.</summary>
    /// <param name="path">The file; replaced if it exists, removed if writing fails.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Receives 0 to 1.</param>
    /// <param name="cancellationToken">Stops between bands.</param>
    public async Task WriteAsync(string path, PyramidWriterOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new PyramidWriterOptions();
        var writer = PyramidWriter.Create(path, Width, Height, options);
        var finished = false;
        try
        {
            await PaintAsync(options.TileSize, writer.WriteRowsAsync, progress, cancellationToken);
            await writer.FinishAsync(cancellationToken);
            finished = true;
        }
        finally
        {
            await writer.DisposeAsync();
            if (!finished) File.Delete(path);
        }
    }

    /// <summary>Paints the slide band by band and writes it as a DICOM series, with the seed of this tissue if the options have none: equal tissue gives equal bytes.</summary>
    /// <param name="folder">The folder for its files; created if it is missing.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Receives 0 to 1.</param>
    /// <param name="cancellationToken">Stops between bands; the files written so far are not valid DICOM.</param>
    public async Task WriteSeriesAsync(string folder, DicomSeriesWriterOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new DicomSeriesWriterOptions();
        options = options with { Seed = options.Seed ?? $"tissue {Width}x{Height} {Seed}{(Stain is SyntheticStain.HaematoxylinEosin ? "" : $" {Stain}")}" };
        await using var writer = DicomSeriesWriter.Create(folder, Width, Height, options);
        await PaintAsync(options.Pyramid.TileSize, writer.WriteRowsAsync, progress, cancellationToken);
        await writer.FinishAsync(cancellationToken);
    }

    async Task PaintAsync(int bandRows, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var band = ArrayPool<byte>.Shared.Rent(checked(Width * 3 * Math.Min(bandRows, Height)));
        try
        {
            for (var y = 0; y < Height; y += bandRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = Math.Min(bandRows, Height - y);
                var pixels = band.AsMemory(0, Width * 3 * rows);
                Render(0, y, Width, rows, pixels);
                await write(pixels, cancellationToken);
                progress?.Report((double)(y + rows) / Height);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(band);
        }
    }
}
