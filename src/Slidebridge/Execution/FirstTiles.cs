using System.Collections.Concurrent;
using Slidebridge.Slides;

namespace Slidebridge.Execution;

/// <summary>
/// While a task waits for its classifier, fetches what that classifier will probably read first, so that a GPU does not wait for it: the tissue, and the first tiles of the grid with which it has read its last task.
/// </summary>
sealed class FirstTiles : IDisposable
{
    /// <summary>Maximum waiting tasks for which something is fetched, those that have waited longest, and scans of each: a mask of tissue takes up to 5 MB, and the first tiles half a megabyte.</summary>
    const int MostAhead = 4, MostScans = 2;

    readonly SemaphoreSlim places = new(MostAhead);

    readonly ConcurrentDictionary<string, (TileGrid Grid, bool IsOfTissue)> habits = [];

    /// <summary>Notes what the classifier of a finished task has read.</summary>
    public async Task NoteAsync(string classifier, OpenedTask opened)
    {
        if (opened.Task.Scans is not [var scan, ..]) return;
        var slide = await scan.OpenSlideAsync(CancellationToken.None);
        // A rectangle of one slide says nothing about the next.
        if (slide.FirstGrid is { Within: null } grid) habits[classifier] = (grid, slide.IsFirstGridOfTissue);
    }

    /// <summary>Fetches until the task's turn comes.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="opened">The task's slides.</param>
    /// <param name="turn">The task's turn.</param>
    public async Task<T> FetchUntilAsync<T>(string classifier, OpenedTask opened, Task<T> turn)
    {
        if (turn.IsCompleted || !habits.TryGetValue(classifier, out var habit)) return await turn;
        using var over = new CancellationTokenSource();
        var isOver = over.Token;
        try
        {
            // Not awaited, and elsewhere: the turn does not wait for what was not fetched in time.
            _ = Task.Run(() => FetchAsync(habit.Grid, habit.IsOfTissue, opened, isOver), CancellationToken.None);
            return await turn;
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    async Task FetchAsync(TileGrid grid, bool isOfTissue, OpenedTask opened, CancellationToken isOver)
    {
        try
        {
            await places.WaitAsync(isOver);
            try
            {
                foreach (var scan in opened.Task.Scans.Take(MostScans))
                {
                    isOver.ThrowIfCancellationRequested();
                    // A fetch that has begun ends by itself: the classifier waits for the same bytes. The slide cancels it when it is closed.
                    await (await scan.OpenSlideAsync(isOver)).FetchFirstTilesAsync(grid, isOfTissue, CancellationToken.None);
                }
                await Task.Delay(Timeout.Infinite, isOver);
            }
            finally
            {
                places.Release();
            }
        }
        catch (Exception)
        {
            // Its turn has come. Or it cannot be read: then the classifier reads the same, and says what is wrong with it.
        }
    }

    public void Dispose() => places.Dispose();
}
