using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;

namespace Slidebridge.Lists;

/// <summary>Deletes texts that no task has any more: strangers may send webhooks with a new company each, and those tasks are deleted after some days.</summary>
static class UnusedTexts
{
    /// <summary>So few texts are not worth a look.</summary>
    const int Few = 1000;

    /// <summary>Texts that one statement deletes.</summary>
    const int Batch = 1000;

    /// <summary>Call it in a transaction that may fold.</summary>
    /// <returns>How many were deleted.</returns>
    public static async Task<int> DeleteAsync(TaskDatabase database)
    {
        var ids = await database.ColumnValues.Select(v => v.Id).ToListAsync();
        if (ids.Count < Few) return 0;
        var used = new HashSet<long>();
        foreach (var column in TaskColumns.All.Where(c => c.HasTexts()).Select(c => (int)c))
            await foreach (var bytes in database.Columns.Where(c => c.Column == column).Select(c => c.Bytes).AsAsyncEnumerable())
                used.UnionWith(ColumnBytes.Decode(bytes));
        // The last number stays, so that no later text gets a number that others may still know.
        var last = ids.Max();
        var unused = ids.Where(id => id != last && !used.Contains(id)).ToArray();
        foreach (var some in unused.Chunk(Batch)) await database.ColumnValues.Where(v => EF.Parameter(some).Contains(v.Id)).ExecuteDeleteAsync();
        return unused.Length;
    }
}
