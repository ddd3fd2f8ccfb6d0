using Slidebridge.Slides;
using Slidebridge.Staging;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Staging;

/// <summary>The staging directory's byte budget and the disk's own.</summary>
public sealed class BudgetTests : StagingTests
{
    const int MB = 1_000_000;

    [Fact]
    public async Task The_copy_that_was_not_used_for_longest_makes_way()
    {
        using var staged = Start(budget: 3 * MB);
        var served = Enumerable.Range(0, 4).Select(_ => Server.Serve(RandomBytes(MB))).ToArray();
        foreach (var each in served[..3]) await TouchAsync(staged, each);
        await TouchAsync(staged, served[0]);
        await TouchAsync(staged, served[3]);
        Assert.True(await HasAsync(staged, served[0]));
        Assert.False(await HasAsync(staged, served[1]));
        Assert.True(await HasAsync(staged, served[2]));
        Assert.True(await HasAsync(staged, served[3]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_in_use_never_makes_way_whichever_process_uses_it(bool otherProcess)
    {
        using var staged = Start(budget: 2 * MB);
        using var other = Start(budget: 2 * MB);
        var served = Enumerable.Range(0, 3).Select(_ => Server.Serve(RandomBytes(MB))).ToArray();
        var used = await (otherProcess ? other : staged).StageAsync(served[0].Url, Token);
        (await staged.StageAsync(served[1].Url, Token)).Dispose();
        using (var third = await staged.StageAsync(served[2].Url, Token))
        {
            Assert.Equal(served[0].Bytes, await File.ReadAllBytesAsync(used.Path, Token));
            Assert.False(await HasAsync(staged, served[1]));

            var failure = await Assert.ThrowsAsync<SlideSourceException>(() => staged.StageAsync(served[1].Url, Token));
            Assert.Equal("The slide does not fit into the staging directory, because all its copies are in use (--staging-size).", failure.Message);
            Assert.True(failure.IsTransient);
        }
        used.Dispose();
        (await staged.StageAsync(served[1].Url, Token)).Dispose();
    }

    [Fact]
    public async Task A_slide_larger_than_the_whole_budget_evicts_nothing()
    {
        using var staged = Start(budget: 2 * MB);
        var small = Server.Serve(RandomBytes(MB));
        await TouchAsync(staged, small);
        var failure = await Assert.ThrowsAsync<SlideSourceException>(() => staged.StageAsync(Server.Serve(RandomBytes(3 * MB)).Url, Token));
        Assert.False(failure.IsTransient);
        Assert.True(await HasAsync(staged, small));
    }

    [Fact]
    public async Task Many_at_once_never_hold_more_than_the_budget()
    {
        using var staged = Start(budget: 4 * MB);
        var served = Enumerable.Range(0, 24).Select(_ => Server.Serve(RandomBytes(MB))).ToArray();
        await Parallel.ForEachAsync(served.Concat(served), new ParallelOptions { MaxDegreeOfParallelism = 3, CancellationToken = Token }, async (each, token) =>
        {
            using var lease = await staged.StageAsync(each.Url, token);
            Assert.Equal(each.Bytes, await File.ReadAllBytesAsync(lease.Path, token));
            Assert.InRange(Slides.Length, 1, 4);
        });
        Assert.Empty(Parts);
    }

    [Fact]
    public async Task Below_the_floor_nothing_is_copied()
    {
        using var staged = Start(floor: long.MaxValue / 2);
        var failure = await Assert.ThrowsAsync<SlideSourceException>(() => staged.StageAsync(Server.Serve(RandomBytes(MB)).Url, Token));
        Assert.Equal("The slide does not fit on the staging directory's disk (--min-free, --staging-dir).", failure.Message);
        Assert.True(failure.IsTransient);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task On_a_full_disk_the_copy_fails_for_now_and_leaves_nothing_behind(bool knownBefore)
    {
        using var disk = TemporaryDisk.Mount(4 * MB);
        using var staged = Start(directory: disk.Path);
        var (small, large) = (Server.Serve(RandomBytes(MB)), Server.Serve(RandomBytes(6 * MB)));
        using var kept = await staged.StageAsync(small.Url, Token);
        // Either the disk says beforehand that it has no room, or somebody else fills it while the slide comes.
        if (!knownBefore)
        {
            large = Server.Serve(RandomBytes(2 * MB));
            File.WriteAllBytes(Path.Combine(disk.Path, "filler"), new byte[new DriveInfo(disk.Path).AvailableFreeSpace - 300_000]);
        }
        var failure = await Assert.ThrowsAsync<SlideSourceException>(() => staged.StageAsync(large.Url, Token));
        Assert.True(failure.IsTransient);
        Assert.Contains("staging directory's disk", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(disk.Path, "*.part"));
        Assert.Equal(small.Bytes, await File.ReadAllBytesAsync(kept.Path, Token));
    }

    static async Task TouchAsync(StagedSlides staged, ServedObject served)
    {
        (await staged.StageAsync(served.Url, Token)).Dispose();
        await Task.Delay(20, Token); // Uses are told apart by the files' times.
    }

    static async Task<bool> HasAsync(StagedSlides staged, ServedObject served)
    {
        var found = await staged.FindAllAsync([Expired(served)], Token);
        foreach (var lease in found ?? []) lease.Dispose();
        return found is not null;
    }
}
