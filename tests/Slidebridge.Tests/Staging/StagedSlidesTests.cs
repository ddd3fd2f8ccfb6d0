using Slidebridge.Slides;

namespace Slidebridge.Tests.Staging;

public sealed class StagedSlidesTests : StagingTests
{
    const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_hundred_tasks_at_once_share_one_download_and_each_range_is_asked_for_once()
    {
        var served = Server.Serve(RandomBytes(9 * MiB + 17));
        served.Delay = TimeSpan.FromMilliseconds(50);
        using var staged = Start();
        var leases = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => staged.StageAsync(served.Url, Token)));

        Assert.Equal(served.Bytes, await File.ReadAllBytesAsync(leases[0].Path, Token));
        Assert.Single(leases.Select(l => l.Path).Distinct());
        Assert.Equal(served.Asked.Distinct(), served.Asked);
        Assert.Equal(4, served.Asked.Count); // The first block, and 4 MiB at a time.
        foreach (var lease in leases) lease.Dispose();
    }

    [Fact]
    public async Task The_last_task_that_gives_up_ends_the_download_and_nothing_is_left()
    {
        var served = Server.Serve(RandomBytes(MiB));
        served.Delay = TimeSpan.FromSeconds(30);
        using var staged = Start();
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var one = staged.StageAsync(served.Url, first.Token);
        var other = staged.StageAsync(served.Url, second.Token);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.False(other.IsCompleted);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
        Assert.Empty(Slides);
    }

    [Fact]
    public async Task A_fresh_url_of_the_same_object_finds_the_copy_and_costs_one_small_request()
    {
        var served = Server.Serve(RandomBytes(2 * MiB));
        using var staged = Start();
        (await staged.StageAsync(served.Url, Token)).Dispose();
        served.Asked.Clear();
        (await staged.StageAsync(served.Url.Replace("secret", "another", StringComparison.Ordinal), Token)).Dispose();
        Assert.Equal(["GET bytes=0-32767"], served.Asked);
    }

    [Fact]
    public async Task A_copy_that_was_made_from_nodes_with_a_tag_each_is_found_whichever_answers_and_outlives_the_url_of_an_open_slide()
    {
        var served = Server.Serve(RandomBytes(9 * MiB));
        served.NodeTag = number => number % 2 == 0 ? "\"even\"" : "\"odd\"";
        using var staged = Start();
        (await staged.StageAsync(served.Url, Token)).Dispose();
        Assert.Equal(served.Bytes, await File.ReadAllBytesAsync(Assert.Single(Slides), Token));
        foreach (var node in new[] { "\"even\"", "\"odd\"" })
        {
            served.NodeTag = _ => node;
            served.Asked.Clear();
            (await staged.StageAsync($"{served.Url}&{node.Trim('"')}", Token)).Dispose();
            Assert.Equal(["GET bytes=0-32767"], served.Asked);
            await using var opened = await Slidebridge.Slides.Sources.HttpSource.OpenAsync(served.Url, Http.Options, Token);
            using var lease = await staged.FindAsync(served.Url, opened, Token);
            Assert.NotNull(lease);
        }
    }

    [Fact]
    public async Task A_copy_survives_a_restart_and_its_url()
    {
        var served = Server.Serve(RandomBytes(2 * MiB));
        using (var staged = Start()) (await staged.StageAsync(Expired(served), Token)).Dispose();
        served.Asked.Clear();
        served.Status = _ => 403;

        using var again = Start();
        var found = await again.FindAllAsync([Expired(served)], Token);
        Assert.Equal(served.Bytes, await File.ReadAllBytesAsync(Assert.Single(found!).Path, Token));
        Assert.Empty(served.Asked);
        foreach (var lease in found!) lease.Dispose();
    }

    [Fact]
    public async Task A_copy_serves_when_the_server_refuses_or_is_away_and_a_slide_that_has_only_some_copies_has_none()
    {
        var (served, other) = (Server.Serve(RandomBytes(MiB)), Server.Serve(RandomBytes(MiB)));
        using var staged = Start();
        (await staged.StageAsync(served.Url, Token)).Dispose();
        served.Status = _ => 503; // Of this URL's own copy: it has answered before.
        var found = await staged.FindAllAsync([served.Url], Token);
        Assert.NotNull(found);
        foreach (var lease in found) lease.Dispose();
        Assert.Null(await staged.FindAllAsync([served.Url, other.Url], Token));
        Assert.Empty(other.Asked);
    }

    [Theory]
    [InlineData("?X-Amz-Signature=forged&X-Amz-Date=20200101T000000Z&X-Amz-Expires=60", true)] // Expired, and signed by nobody.
    [InlineData("?X-Amz-Signature=forged&X-Amz-Date=20200101T000000Z&X-Amz-Expires=60", false)]
    [InlineData("?X-Amz-Signature=forged", true)]
    [InlineData("", true)]
    public async Task Another_url_of_a_copied_object_opens_nothing_while_the_store_refuses_it(string query, bool afterRestart)
    {
        var served = Server.Serve(RandomBytes(MiB));
        var staged = Start();
        var victim = Expired(served);
        (await staged.StageAsync(victim, Token)).Dispose();
        if (afterRestart)
        {
            staged.Dispose();
            staged = Start();
        }
        using var one = staged;
        foreach (var status in new[] { 401, 403, 404, 500, 503 })
        {
            served.Status = _ => status;
            Assert.Null(await staged.FindAllAsync([served.Url.Split('?')[0] + query], Token));
            if (status < 500) Assert.IsType<SlideSourceException>(await Record.ExceptionAsync(() => staged.StageAsync(served.Url.Split('?')[0] + query, Token)));
        }
        // Whose copy it is, it still is.
        var own = await staged.FindAllAsync([victim], Token);
        foreach (var lease in own!) lease.Dispose();
    }

    [Fact]
    public async Task Another_url_that_comes_while_the_object_is_being_copied_gets_nothing_of_it_unless_the_store_answers_it()
    {
        var served = Server.Serve(RandomBytes(2 * MiB));
        served.Crawl = (256 * 1024, TimeSpan.FromMilliseconds(200));
        using var staged = Start();
        var victim = staged.StageAsync(served.Url, Token);
        while (served.Asked.Count < 2)
        {
            Assert.False(victim.IsCompleted);
            await Task.Delay(10, Token);
        }
        // The whole rest is on its way to the victim; whatever is asked for now is refused.
        served.Status = _ => 403;
        var forged = served.Url.Replace("secret", "forged", StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<SlideSourceException>(() => staged.StageAsync(forged, Token));
        Assert.Equal(403, refused.HttpStatus);
        (await victim).Dispose();
        Assert.Null(await staged.FindAllAsync([forged], Token));
    }

    [Fact]
    public async Task A_url_that_the_store_has_answered_once_opens_the_copy_when_it_has_expired()
    {
        var served = Server.Serve(RandomBytes(MiB));
        using var staged = Start();
        (await staged.StageAsync(served.Url, Token)).Dispose();
        var other = Expired(served);
        (await staged.StageAsync(other, Token)).Dispose();
        served.Status = _ => 403;
        foreach (var lease in (await staged.FindAllAsync([other], Token))!) lease.Dispose();
    }

    [Fact]
    public async Task What_opens_a_copy_goes_with_the_copy()
    {
        var served = Server.Serve(RandomBytes(MiB));
        using var staged = Start();
        (await staged.StageAsync(Expired(served), Token)).Dispose();
        Assert.Single(Directory.GetDirectories(Path.Combine(Cache, "grants")));
        File.Delete(Assert.Single(Slides));
        using var again = Start();
        Assert.Empty(Directory.GetDirectories(Path.Combine(Cache, "grants")));
    }

    [Fact]
    public async Task A_claimed_length_takes_no_disk_and_drives_no_copy_out()
    {
        using var staged = Start(budget: 20L * MiB);
        var kept = Server.Serve(RandomBytes(MiB));
        (await staged.StageAsync(Expired(kept), Token)).Dispose();
        var claims = Server.Serve(RandomBytes(MiB));
        claims.ClaimedLength = 20L * MiB;
        claims.Crawl = (32 * 1024, TimeSpan.FromMinutes(1));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var copying = staged.StageAsync(claims.Url, stop.Token);
        while (Parts.Length == 0)
        {
            Assert.False(copying.IsCompleted);
            await Task.Delay(10, Token);
        }
        Assert.InRange(new FileInfo(Parts[0]).Length, 0, 64 * 1024);
        foreach (var lease in (await staged.FindAllAsync([Expired(kept)], Token))!) lease.Dispose();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_or_short_copy_is_dropped_and_fetched_again(bool cutShort)
    {
        var served = Server.Serve(RandomBytes(MiB));
        using (var staged = Start()) (await staged.StageAsync(served.Url, Token)).Dispose();
        var file = Assert.Single(Slides);
        var bytes = await File.ReadAllBytesAsync(file, Token);
        bytes[777_777] ^= 1;
        await File.WriteAllBytesAsync(file, cutShort ? bytes[..^1] : bytes, Token);

        using var again = Start();
        Assert.Null(await again.FindAllAsync([Expired(served)], Token));
        Assert.Empty(Slides);
        using var lease = await again.StageAsync(served.Url, Token);
        Assert.Equal(served.Bytes, await File.ReadAllBytesAsync(lease.Path, Token));
    }

    [Fact]
    public async Task A_copy_that_is_cut_short_while_the_process_runs_is_noticed_too()
    {
        var served = Server.Serve(RandomBytes(MiB));
        using var staged = Start();
        (await staged.StageAsync(served.Url, Token)).Dispose();
        await File.WriteAllBytesAsync(Assert.Single(Slides), served.Bytes[..1000], Token);
        using var lease = await staged.StageAsync(served.Url, Token);
        Assert.Equal(served.Bytes, await File.ReadAllBytesAsync(lease.Path, Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_object_that_was_replaced_at_its_address_is_fetched_anew(bool sameLength)
    {
        var served = Server.Serve(RandomBytes(MiB));
        using var staged = Start();
        (await staged.StageAsync(served.Url, Token)).Dispose();
        served.Bytes = RandomBytes(sameLength ? MiB : MiB + 1);
        served.ETag = "\"second\"";
        Assert.Null(await staged.FindAllAsync([served.Url], Token));
        using var lease = await staged.StageAsync(served.Url, Token);
        Assert.Equal(served.Bytes, await File.ReadAllBytesAsync(lease.Path, Token));
        Assert.Single(Slides);
    }

    [Fact]
    public async Task A_download_that_breaks_off_goes_on_with_the_range_that_was_cut()
    {
        var served = Server.Serve(RandomBytes(13 * MiB));
        served.CutAfter = number => number is 3 or 5 ? 100_000 : null;
        using var staged = Start();
        using var lease = await staged.StageAsync(served.Url, Token);
        Assert.Equal(served.Bytes, await File.ReadAllBytesAsync(lease.Path, Token));
        Assert.Equal(5 + 2, served.Asked.Count);
    }

    [Fact]
    public async Task A_server_that_never_sends_all_is_given_up_and_nothing_is_left()
    {
        var served = Server.Serve(RandomBytes(2 * MiB));
        served.CutAfter = number => number > 1 ? 1000 : null;
        using var staged = Start();
        var failure = await Assert.ThrowsAsync<SlideSourceException>(() => staged.StageAsync(served.Url, Token));
        Assert.Equal(SlideSourceFailure.Truncated, failure.Failure);
        Assert.True(failure.IsTransient);
        Assert.Equal(1 + 5, served.Asked.Count);
        Assert.Empty(Slides);
        Assert.Empty(Parts);
    }

    [Fact]
    public async Task An_expired_url_without_a_copy_is_told_as_such()
    {
        var served = Server.Serve(RandomBytes(MiB));
        served.Status = _ => 403;
        using var staged = Start();
        var failure = await Assert.ThrowsAsync<SlideSourceException>(() => staged.StageAsync(served.Url, Token));
        Assert.Equal(SlideSourceFailure.Forbidden, failure.Failure);
        Assert.False(failure.IsTransient);
        Assert.Contains("expired", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_is_copied_too()
    {
        var served = Server.Serve(RandomBytes(3 * MiB));
        served.IgnoresRange = true;
        using var staged = Start();
        using var lease = await staged.StageAsync(served.Url, Token);
        Assert.Equal(served.Bytes, await File.ReadAllBytesAsync(lease.Path, Token));
    }

    [Fact]
    public async Task What_a_process_that_died_was_copying_is_removed_at_the_next_start_and_what_another_copies_is_not()
    {
        Directory.CreateDirectory(Cache);
        await File.WriteAllBytesAsync(Path.Combine(Cache, "dead-1000.part"), new byte[500], Token);
        await using var alive = new FileStream(Path.Combine(Cache, "alive-1000.part"), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        using var staged = Start();
        Assert.Equal("alive-1000.part", Path.GetFileName(Assert.Single(Parts)));
    }

    [Fact]
    public async Task Two_processes_with_one_directory_copy_the_same_object_at_once_and_both_have_it()
    {
        var served = Server.Serve(RandomBytes(5 * MiB));
        using var one = Start();
        using var other = Start();
        var leases = await Task.WhenAll(one.StageAsync(served.Url, Token), other.StageAsync(served.Url, Token));
        foreach (var lease in leases)
            using (lease) Assert.Equal(served.Bytes, await File.ReadAllBytesAsync(lease.Path, Token));
        Assert.Single(Slides);
        Assert.Empty(Parts);
    }
    [Fact]
    public async Task Two_processes_fill_one_directory_and_neither_stumbles_over_what_the_other_completes()
    {
        var served = Enumerable.Range(0, 200).Select(_ => Server.Serve(RandomBytes(64 * 1024))).ToArray();
        using var one = Start();
        using var other = Start();
        var leases = await Task.WhenAll(served.Select((each, i) => (i % 2 == 0 ? one : other).StageAsync(each.Url, Token)));
        foreach (var lease in leases) lease.Dispose();
        Assert.Equal(served.Length, Slides.Length);
        Assert.Empty(Parts);
    }
}
