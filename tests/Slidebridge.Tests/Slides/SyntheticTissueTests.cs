using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

public sealed class SyntheticTissueTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_same_seed_makes_the_same_file_and_another_seed_another()
    {
        var files = new List<byte[]>();
        foreach (var seed in new[] { 7, 7, 8 })
        {
            var path = folder.File($"{files.Count}.svs");
            await SyntheticTissue.Create(900, 700, seed).WriteAsync(path, cancellationToken: Token);
            files.Add(await File.ReadAllBytesAsync(path, Token));
        }
        Assert.True(files[0].AsSpan().SequenceEqual(files[1]));
        Assert.False(files[0].AsSpan().SequenceEqual(files[2]));
    }

    [Fact]
    public void Any_piece_is_the_same_alone_as_in_the_whole()
    {
        var tissue = SyntheticTissue.Create(1200, 900, 3);
        var whole = new byte[1200 * 900 * 3];
        tissue.Render(0, 0, 1200, 900, whole);
        var random = new Random(1);
        for (var i = 0; i < 10; i++)
        {
            int width = random.Next(1, 400), height = random.Next(1, 400), x = random.Next(1200 - width), y = random.Next(900 - height);
            var piece = new byte[width * height * 3];
            tissue.Render(x, y, width, height, piece);
            for (var row = 0; row < height; row++)
                Assert.True(piece.AsSpan(row * width * 3, width * 3).SequenceEqual(whole.AsSpan(((y + row) * 1200 + x) * 3, width * 3)), $"{x},{y} {width}×{height}, row {row}");
        }
    }

    [Fact]
    public void Nuclei_are_where_the_truth_says_dark_and_inside_the_tissue()
    {
        var tissue = SyntheticTissue.Create(1500, 1500, 5);
        var nuclei = tissue.FindNuclei(0, 0, 1500, 1500);
        Assert.True(nuclei.Count > 200);
        Assert.Equal(3, nuclei.Select(nucleus => nucleus.Kind).Distinct().Count());
        var pixels = new byte[1500 * 1500 * 3];
        tissue.Render(0, 0, 1500, 1500, pixels);
        var dark = nuclei.Count(nucleus => pixels[((int)nucleus.Y * 1500 + (int)nucleus.X) * 3] < 150);
        Assert.True(dark > 0.98 * nuclei.Count, $"{dark} of {nuclei.Count} are dark.");
        Assert.All(nuclei, nucleus => Assert.True(tissue.IsTissue((int)nucleus.X, (int)nucleus.Y)));
    }

    [Fact]
    public void Asking_for_the_truth_in_parts_finds_every_nucleus_once()
    {
        var tissue = SyntheticTissue.Create(1000, 1000, 5);
        (int X, int Y, int Width, int Height)[] cuts = [(0, 0, 333, 1000), (333, 0, 367, 500), (333, 500, 367, 500), (700, 0, 300, 1000)];
        var parts = cuts.SelectMany(cut => tissue.FindNuclei(cut.X, cut.Y, cut.Width, cut.Height));
        Assert.Equal(tissue.FindNuclei(0, 0, 1000, 1000).OrderBy(n => n.X).ThenBy(n => n.Y), parts.OrderBy(n => n.X).ThenBy(n => n.Y));
    }

    [Fact]
    public async Task A_cancelled_writing_leaves_no_file()
    {
        var path = folder.File("cancelled.svs");
        using var cancel = new CancellationTokenSource();
        var progress = new OnReport(_ => cancel.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SyntheticTissue.Create(600, 2000).WriteAsync(path, null, progress, cancel.Token));
        Assert.False(File.Exists(path));
    }

    sealed class OnReport(Action<double> act) : IProgress<double>
    {
        public void Report(double value) => act(value);
    }
}
