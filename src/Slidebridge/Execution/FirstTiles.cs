using System.Collections.Concurrent;
using Slidebridge.Slides;

namespace Slidebridge.Execution;

/// <summary>
/// While a task waits for its classifier, fetches what that classifier will probably read first, so that a GPU does not wait for it: the tissue, and the first tiles of the grid with which it has read its last task.
/// </summary>
sealed class FirstTiles
{
    /// <param name="Grid">Without a mask.</param>
    /// <param name="IsOfTissue">Only tiles with tissue were read.</param>
    sealed record Habit(TileGrid Grid, bool IsOfTissue);

    readonly ConcurrentDictionary<string, Habit> habits = [];

    /// <summary>Notes what the classifier of a finished task has read.</summary>
    public async Task NoteAsync(string classifier, OpenedTask opened)
    {
        // A rectangle of one slide says nothing about the next.
        if (opened.Task.Scans is [var scan, ..] && (await scan.OpenSlideAsync(CancellationToken.None)).FirstGrid is { Within: null } grid) habits[classifier] = new(grid with { Mask = null }, grid.Mask is not null);
    }

    /// <summary>Fetches until the task's turn comes.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="opened">The task's slides.</param>
    /// <param name="turn">The task's turn.</param>
    public async Task<T> FetchUntilAsync<T>(string classifier, OpenedTask opened, Task<T> turn)
    {
        if (turn.IsCompleted || !habits.TryGetValue(classifier, out var habit)) return await turn;
        using var over = new CancellationTokenSource();
        try
        {
            // Not awaited: the turn does not wait for what was not fetched in time. The slides wait for their reads before they are closed.
            _ = FetchAsync(habit, opened, over.Token);
            return await turn;
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    static async Task FetchAsync(Habit habit, OpenedTask opened, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var scan in opened.Task.Scans)
            {
                var slide = await scan.OpenSlideAsync(cancellationToken);
                var mask = habit.IsOfTissue ? await TissueMask.DetectAsync(slide, cancellationToken: cancellationToken) : null;
                await slide.FetchFirstTilesAsync(habit.Grid with { Mask = mask }, cancellationToken);
            }
        }
        catch (Exception)
        {
            // The classifier reads the same, and says what is wrong with it.
        }
    }
}
