using Slidebridge.Objects;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Objects;

public sealed class ObjectIndexesTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    int made;

    public void Dispose() => folder.Dispose();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Folder => Path.Combine(folder.Path, "objects");

    Task Make(string path, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref made);
        ObjectIndexWriter.Write(Result.OfFeatures(Result.Box(1, 1, 50, 50)), "1", (1000, 1000), path, cancellationToken);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Those_that_want_an_index_at_the_same_time_get_the_same_one()
    {
        using var indexes = new ObjectIndexes(Folder, 1 << 20);
        var open = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => indexes.OpenAsync("a", Make, Token))));
        Assert.All(open, each => Assert.Equal(1, each.Index.Count));
        Assert.Equal(1, made);
        foreach (var each in open) each.Dispose();
        using var again = await indexes.OpenAsync("a", Make, Token);
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task The_next_run_uses_what_the_last_one_made_and_deletes_what_it_left_unfinished()
    {
        using (var first = new ObjectIndexes(Folder, 1 << 20))
            (await first.OpenAsync("a", Make, Token)).Dispose();
        File.WriteAllText(Path.Combine(Folder, IndexFiles.Temporary()), "half");
        using var second = new ObjectIndexes(Folder, 1 << 20);
        using var index = await second.OpenAsync("a", Make, Token);
        Assert.Equal(1, made);
        Assert.Single(Directory.GetFiles(Folder));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
    }

    [Fact]
    public async Task A_damaged_file_is_made_again()
    {
        using (var first = new ObjectIndexes(Folder, 1 << 20))
            (await first.OpenAsync("a", Make, Token)).Dispose();
        File.WriteAllText(Directory.GetFiles(Folder).Single(), "damaged");
        using var second = new ObjectIndexes(Folder, 1 << 20);
        using var index = await second.OpenAsync("a", Make, Token);
        Assert.Equal((2, 1), (made, index.Index.Count));
    }

    [Fact]
    public async Task The_index_that_was_not_used_for_longest_is_deleted_and_stays_readable_for_its_user()
    {
        using var indexes = new ObjectIndexes(Folder, 2500);
        using var inUse = await indexes.OpenAsync("in use", Make, Token);
        Assert.InRange(inUse.Index.Length, 500, 1200);
        foreach (var key in new[] { "b", "c", "d", "e", "f" }) (await indexes.OpenAsync(key, Make, Token)).Dispose();
        Assert.InRange(Directory.GetFiles(Folder).Length, 1, 4);
        Assert.NotNull(inUse.Index.Tile(0, 0, 0));
        Assert.Equal(6, made);
        (await indexes.OpenAsync("f", Make, Token)).Dispose();
        Assert.Equal(6, made);
        (await indexes.OpenAsync("in use", Make, Token)).Dispose();
        Assert.Equal(7, made);
    }

    [Fact]
    public async Task What_could_not_be_made_leaves_nothing_and_is_tried_again()
    {
        using var indexes = new ObjectIndexes(Folder, 1 << 20);
        await Assert.ThrowsAsync<IOException>(() => indexes.OpenAsync("a", (path, _) =>
        {
            File.WriteAllText(path, "half");
            throw new IOException("The disk is full.");
        }, Token));
        Assert.Empty(Directory.GetFiles(Folder));
        using var index = await indexes.OpenAsync("a", Make, Token);
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task The_making_stops_when_nobody_waits_for_it()
    {
        using var indexes = new ObjectIndexes(Folder, 1 << 20);
        using var impatient = new CancellationTokenSource();
        var stopped = new TaskCompletionSource();
        var opening = indexes.OpenAsync("a", async (_, cancellationToken) =>
        {
            cancellationToken.Register(stopped.SetResult);
            await impatient.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }, impatient.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        await stopped.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task All_indexes_of_an_owner_go_at_once_also_those_of_an_earlier_run_and_one_in_use_stays_readable()
    {
        using (var first = new ObjectIndexes(Folder, 1 << 20))
            (await first.OpenAsync("4711\n1\n\nold", Make, Token)).Dispose();
        using var indexes = new ObjectIndexes(Folder, 1 << 20);
        using var used = await indexes.OpenAsync("4711\n1\n\nnew", Make, Token);
        (await indexes.OpenAsync("471\n1", Make, Token)).Dispose();
        Assert.Equal(3, Directory.GetFiles(Folder).Length);
        indexes.DeleteAllOf("4711");
        Assert.Single(Directory.GetFiles(Folder));
        Assert.Equal(1, used.Index.Count);
        Assert.NotNull(used.Index.Tile(0, 0, 0));
    }

    [Fact]
    public async Task A_deleted_index_is_made_again()
    {
        using var indexes = new ObjectIndexes(Folder, 1 << 20);
        (await indexes.OpenAsync("a", Make, Token)).Dispose();
        indexes.Delete("a");
        Assert.Empty(Directory.GetFiles(Folder));
        (await indexes.OpenAsync("a", Make, Token)).Dispose();
        Assert.Equal(2, made);
    }
}
