using System.Globalization;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd;

/// <summary>A real bridge whose program prints without end: the bridge's memory stays bounded, and it goes on.</summary>
public sealed class LargeOutputTests
{
    /// <summary>In KB.</summary>
    const long MostMemory = 700_000;

    [Fact]
    public async Task Whatever_a_program_prints_the_bridge_stays_below_700_MB_and_goes_on()
    {
        if (!OperatingSystem.IsLinux() || !Files.HasPython) Assert.Skip("python3 is missing");
        var program = Files.Program("prints.py");
        await using var node = await LoneNode.StartAsync(null, "--classifier", $"exec:python3 '{program}'", "--concurrency", "1", "--crash-limit", "1", "--platform-timeout", "5m"); // The simulator takes minutes for a large result on a busy machine.
        (string How, string Why)[] refused =
        [
            ("line", "a line of more than 1048576 bytes that does not begin as a message of type 'result'"), ("errors", "all was printed"), ("long-result", "more than 67108864 (--largest-result)"),
            ("numbers", "a list of more than 4000000 elements"), ("members", "more than 250000 members"), ("nested", "not a message of the protocol"), ("deep", "not a message of the protocol"), ("name", "results.summary: found 7"), ("summary", "results.external_url: found 5"), ("messages", "all was printed"), ("results", "all was printed"),
        ];
        var peaks = new List<string>();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var (how, why) in refused)
        {
            var task = await EndAsync(node, how);
            Assert.Equal("failed", task.GetProperty("state").GetString());
            Assert.Contains(why, task.GetProperty("lastError").GetString(), StringComparison.Ordinal);
            peaks.Add($"{how} {PeakOf(node.Serve.Id)} after {clock.Elapsed.TotalSeconds:0} s");
        }
        foreach (var how in (string[])["largest", "lists", "points", "fine"])
        {
            var task = await EndAsync(node, how);
            Assert.True(task.GetProperty("state").GetString() == "completed", $"{how}: {task}");
            foreach (var scan in task.GetProperty("scans").EnumerateArray()) Assert.NotEmpty(await node.Serve.Http.GetByteArrayAsync(new Uri(scan.GetProperty("overlay").GetString()!, UriKind.RelativeOrAbsolute), TestContext.Current.CancellationToken));
            peaks.Add($"{how} {PeakOf(node.Serve.Id)} after {clock.Elapsed.TotalSeconds:0} s");
        }
        TestContext.Current.SendDiagnosticMessage("Peaks in KB: " + string.Join(", ", peaks));
        Assert.True(PeakOf(node.Serve.Id) < MostMemory, "Its peak, in KB, after each: " + string.Join(", ", peaks));
    }

    [Theory]
    [InlineData("exec")]
    [InlineData("one-shot")]
    public async Task Every_box_of_a_large_result_reaches_the_platform(string kind)
    {
        if (!OperatingSystem.IsLinux() || !Files.HasPython) Assert.Skip("python3 is missing");
        var program = Files.Program("prints.py");
        await using var node = await LoneNode.StartAsync(null, "--classifier", $"{kind}:python3 '{program}'", "--concurrency", "1", "--platform-timeout", "5m");
        Assert.Equal("completed", (await EndAsync(node, "boxes")).GetProperty("state").GetString());
        Assert.Equal(325_000, node.Platform.State.Evaluations.Single().Result.GetProperty("geojson").GetProperty("features").GetArrayLength());
        TestContext.Current.SendDiagnosticMessage($"Peak of {kind} in KB: {PeakOf(node.Serve.Id)}");
        Assert.True(PeakOf(node.Serve.Id) < MostMemory, $"Its peak: {PeakOf(node.Serve.Id)} KB");
    }

    static async Task<System.Text.Json.JsonElement> EndAsync(LoneNode node, string how)
    {
        var task = (await node.RequestAsync(1, how)).Single();
        while (true)
        {
            var told = await node.Serve.GetAsync($"/api/tasks/{task.TaskNumber}");
            if (told.GetProperty("state").GetString() is "completed" or "failed") return told;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    // proc(5): the peak of the resident memory, in KB.
    static long PeakOf(int id) => long.Parse(File.ReadLines($"/proc/{id}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))[6..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
}
