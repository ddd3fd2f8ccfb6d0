using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.EndToEnd;

/// <summary>The staging directory of a real process on a disk that is full, and damaged while the process is down.</summary>
public sealed class StagedCopyTests
{
    // Short enough that slides are staged at once, long enough that no URL expires in the test.
    static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_a_full_cache_disk_no_task_is_taken_and_none_that_was_is_lost_and_copies_make_way_for_new_tasks()
    {
        using var folder = Files.Temporary();
        // Four copies of 1.94 MB have their place beside the 2 MB that stay free.
        using var disk = SmallDisk.Mount(Path.Combine(folder.Path, "cache"), "10m");
        var slides = Slides(folder, 6);
        await using var node = await LoneNode.StartAsync(slides, null, "--concurrency", "1", "--staging-dir", disk.Path, "--min-free", "2MB");
        node.HoldClassifier();
        var tasks = new List<SimulatedTask>();
        foreach (var slide in Directory.GetFiles(slides)) tasks.AddRange(await node.RequestAsync(1, life: Life, slides: Path.GetFileName(slide)));
        await node.UntilAsync(async () => (await Task.WhenAll(tasks.Select(node.EventsAsync))).Count(e => e.Any(w => w.Contains("does not fit on the staging directory's disk", StringComparison.Ordinal))) == 2,
            () => Task.FromResult("two tasks find no room"));

        await File.WriteAllBytesAsync(Path.Combine(disk.Path, "ballast"), new byte[1_000_000], Token);
        using var notReady = await UntilReadyIsAsync(node, HttpStatusCode.ServiceUnavailable);
        var why = (await notReady.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("why").GetString()!;
        Assert.Contains("2 MB must stay free (--min-free)", why, StringComparison.Ordinal);
        using var refused = await node.Serve.Http.PostAsync(new Uri("/webhook", UriKind.Relative), new StringContent("{}", Encoding.UTF8, "application/json"), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);

        node.Free();
        await node.UntilAsync("completed", tasks.Count);
        node.AssertOnce(tasks);
        (await UntilReadyIsAsync(node, HttpStatusCode.OK)).Dispose();
        tasks.AddRange(await node.RequestAsync(1, life: Life));
        await node.UntilAsync("completed", tasks.Count);
        node.AssertOnce(tasks);
    }

    [Fact]
    public async Task A_copy_that_was_damaged_while_the_process_was_down_is_not_used_but_made_anew()
    {
        await using var node = await LoneNode.StartAsync(null, "--concurrency", "1", "--delivery-settle", "1s");
        node.HoldClassifier();
        var task = (await node.RequestAsync(1, life: Life)).Single();
        await node.UntilToldAsync(task, "slides staged early");
        await node.Serve.KillAsync();

        var copy = Directory.GetFiles(Path.Combine(node.Data, "slides"), "*.slide").Single();
        var bytes = await File.ReadAllBytesAsync(copy, Token);
        bytes.AsSpan(bytes.Length / 2, 4096).Clear();
        await File.WriteAllBytesAsync(copy, bytes, Token);

        await node.RestartAsync();
        await node.UntilAsync(async () => (await node.EventsAsync(task)).Count(e => e.Contains("slides staged early", StringComparison.Ordinal)) == 2, async () => $"{await node.ShowAsync(task)}");
        Assert.Contains("the copy of the task's slides does not exist any more", await node.EventsAsync(task));
        copy = Directory.GetFiles(Path.Combine(node.Data, "slides"), "*.slide").Single();
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Files.SharedSlides, Files.RealSlide), Token), await File.ReadAllBytesAsync(copy, Token));
        node.Free();
        await node.UntilAsync("completed", 1);
        node.AssertOnce([task]);
    }

    static string Slides(TemporaryFolder folder, int count)
    {
        var slides = Directory.CreateDirectory(Path.Combine(folder.Path, "slides")).FullName;
        for (var i = 0; i < count; i++) File.Copy(Path.Combine(Files.SharedSlides, Files.RealSlide), Path.Combine(slides, i == 0 ? Files.RealSlide : $"slide{i}.svs"));
        return slides;
    }

    static async Task<HttpResponseMessage> UntilReadyIsAsync(LoneNode node, HttpStatusCode status)
    {
        HttpResponseMessage? answer = null;
        await node.UntilAsync(async () =>
        {
            answer?.Dispose();
            answer = await node.Serve.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
            return answer.StatusCode == status;
        }, () => Task.FromResult($"/health/ready does not become {status}"));
        return answer!;
    }

    /// <summary>A file system in memory of so many bytes; the test is skipped by name where none can be mounted.</summary>
    sealed class SmallDisk : IDisposable
    {
        SmallDisk(string path) => Path = path;

        public string Path { get; }

        public static SmallDisk Mount(string path, string size)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "A small disk is mounted as root only.");
            Directory.CreateDirectory(path);
            Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", $"size={size}", "slidebridge-test", path), "A small disk (tmpfs) cannot be mounted here.");
            return new SmallDisk(path);
        }

        public void Dispose() => Run("umount", "-l", Path);

        static bool Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
    }
}
