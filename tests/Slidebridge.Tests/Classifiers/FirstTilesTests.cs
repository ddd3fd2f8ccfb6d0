using Slidebridge.Execution;
using Slidebridge.Sdk;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers;

/// <summary>What is fetched for a task while it waits for its classifier. "Silent" is a server that answers nothing any more.</summary>
public sealed class FirstTilesTests : ServedSlideTests
{
    static readonly TileGrid Grid = new() { Width = 200, Height = 200, InOrder = false };

    readonly FirstTiles firstTiles = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_tiles_of_the_next_task_are_there_when_its_turn_comes(bool ofTissue)
    {
        await using var first = await OpenAsync();
        await ReadAsync(first, ofTissue, int.MaxValue);
        await firstTiles.NoteAsync("model", first.Opened);

        await using var second = await OpenAsync();
        var turn = new TaskCompletionSource<int>();
        var waiting = firstTiles.FetchUntilAsync("model", second.Opened, turn.Task);
        for (var (requests, quiet) = (second.Slide.Usage.Requests, 0); quiet < 10; await Task.Delay(100, Token))
            (requests, quiet) = (second.Slide.Usage.Requests, second.Slide.Usage.Requests == requests && requests > 0 && second.Slide.Usage.BytesRead >= first.Slide.Usage.BytesRead / 2 ? quiet + 1 : 0);
        second.Served.Hangs = true;
        turn.SetResult(7);
        Assert.Equal(7, await waiting);
        Assert.True(await ReadAsync(second, ofTissue, 3).WaitAsync(TimeSpan.FromSeconds(20), Token) == 3);
    }

    [Fact]
    public async Task Nothing_is_fetched_for_a_turn_that_is_there_or_for_an_unknown_classifier()
    {
        await using var first = await OpenAsync();
        await ReadAsync(first, ofTissue: true, 1);
        await firstTiles.NoteAsync("model", first.Opened);
        await using var second = await OpenAsync();
        var before = second.Slide.Usage.Requests;
        Assert.Equal(7, await firstTiles.FetchUntilAsync("model", second.Opened, Task.FromResult(7)));
        var turn = new TaskCompletionSource<int>();
        var waiting = firstTiles.FetchUntilAsync("other", second.Opened, turn.Task);
        await Task.Delay(200, Token);
        turn.SetResult(8);
        Assert.Equal(8, await waiting);
        Assert.Equal(before, second.Slide.Usage.Requests);
        Assert.Null(second.Slide.TakeTissue());
    }

    [Fact]
    public async Task A_turn_does_not_wait_for_a_server_that_is_silent_and_a_turn_that_fails_fails()
    {
        await using var first = await OpenAsync();
        await ReadAsync(first, ofTissue: true, 1);
        await firstTiles.NoteAsync("model", first.Opened);
        await using var second = await OpenAsync();
        second.Served.Hangs = true;
        var (turn, failed) = (new TaskCompletionSource<int>(), new TaskCompletionSource<int>());
        var waiting = firstTiles.FetchUntilAsync("model", second.Opened, turn.Task);
        var failing = firstTiles.FetchUntilAsync("model", second.Opened, failed.Task);
        turn.SetResult(7);
        failed.SetException(new ClassifierException("No."));
        Assert.Equal(7, await waiting.WaitAsync(TimeSpan.FromSeconds(20), Token));
        await Assert.ThrowsAsync<ClassifierException>(() => failing);
    }

    [Fact]
    public async Task A_grid_that_does_not_fit_the_next_slide_is_left_to_the_classifier()
    {
        await using var first = await OpenAsync();
        await foreach (var tile in first.Slide.ReadTilesAsync(Grid with { Level = first.Slide.Levels.Count - 1 }, Token)) tile.Dispose();
        await firstTiles.NoteAsync("model", first.Opened);
        await using var second = await OpenAsync(levels: 1);
        var turn = new TaskCompletionSource<int>();
        var waiting = firstTiles.FetchUntilAsync("model", second.Opened, turn.Task);
        await Task.Delay(200, Token);
        turn.SetResult(7);
        Assert.Equal(7, await waiting);
        Assert.Empty(second.Slide.Warnings);
    }

    static async Task<int> ReadAsync(Open open, bool ofTissue, int most)
    {
        var count = 0;
        var mask = ofTissue ? await TissueMask.DetectAsync(open.Slide, cancellationToken: Token) : null;
        await foreach (var tile in open.Slide.ReadTilesAsync(Grid with { Mask = mask }, Token))
        {
            tile.Dispose();
            if (++count == most) break;
        }
        return count;
    }

    async Task<Open> OpenAsync(int levels = 3)
    {
        var path = Folder.File($"{Guid.NewGuid():N}.svs");
        await (levels == 1 ? SyntheticTissue.Create(200, 200, 3) : SyntheticTissue.Create(3000, 2400, 6)).WriteAsync(path, cancellationToken: Token);
        var served = Server.Serve(await File.ReadAllBytesAsync(path, Token));
        var scan = new Scan("17", null, c => Slide.OpenAsync(served.Url, cancellationToken: c));
        var task = new ClassificationTask { TaskId = 1, CaseId = 2, CompanyId = null, Model = null, Request = null, Settings = null, Scans = [scan] };
        return new Open(served, await scan.OpenSlideAsync(Token), new OpenedTask(task, [], new SlideWays(_ => false), new LocalSlides(Folder.Path)));
    }

    sealed record Open(ServedObject Served, Slide Slide, OpenedTask Opened) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Opened.DisposeAsync();
    }
}
