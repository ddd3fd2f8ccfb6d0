using System.Security.Cryptography;
using System.Text.Json;
using Slidebridge.Commands;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Platform;
using Slidebridge.Tests.Commands;
using Slidebridge.Tests.Programs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.MainJob;

/// <summary>What made a result: in the API, in what is posted, and computed again.</summary>
public sealed class ProvenanceTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    sealed class Counting : IClassifier
    {
        public static int Found { get; set; }

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var results = new ResultsBuilder();
            foreach (var scan in task.Scans)
            {
                var slide = await scan.OpenSlideAsync(cancellationToken);
                results.Scan(scan.Id).Summary($"{Found} found in {slide.Width}").Value("setting", (string?)task.Settings?["depth"] ?? "none");
            }
            return results.Build();
        }
    }

    static async Task<(JsonElement Provenance, SimulatedTask Task)> ClassifyAsync(TestBridge bridge)
    {
        var task = await bridge.RequestAsync();
        return ((await bridge.CompleteAsync(task)).GetProperty("provenance"), task);
    }

    [Fact]
    public async Task A_program_is_recorded_with_its_version_its_files_and_its_settings()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("finder.py"), weights = folder.File("weights.bin");
        await File.WriteAllTextAsync(file, """
            import slidebridge
            __version__ = "2.4 beta"

            @slidebridge.classifier
            def classify(task):
                results = slidebridge.Results()
                for scan in task.scans: results.scan(scan.id).summary("found")
                return results
            """, Token);
        await File.WriteAllTextAsync(weights, "weights", Token);
        var (path, data) = (JsonEncodedText.Encode(file), JsonEncodedText.Encode(weights));
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Python, Python.Interpreter)], json: $$"""
            { "classifiers": { "finder": { "use": "python:{{path}}", "files": "{{data}}", "settings": { "threshold": 0.5, "token": "secret-words" } } },
              "routes": [ { "classifier": "finder", "settings": { "threshold": 0.7 } } ] }
            """);
        var (made, task) = await ClassifyAsync(bridge);

        var classifier = made.GetProperty("classifier");
        Assert.Equal(("finder", "python", "2.4 beta"), (classifier.GetProperty("name").GetString(), classifier.GetProperty("kind").GetString(), classifier.GetProperty("version").GetString()));
        Assert.Equal("""{"threshold":0.7,"token":"(hidden)"}""", classifier.GetProperty("settings").ToString());
        var files = classifier.GetProperty("files").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("sha256").GetString());
        Assert.Equal(Hash(file), files["finder.py"]);
        Assert.Equal(Hash(weights), files["weights.bin"]);
        Assert.Equal(Hash(NamedPython()), files[Path.GetFileName(NamedPython())]);
        Assert.False(classifier.TryGetProperty("changed", out _));

        // The file is another one now, but the process may still run the first.
        await File.AppendAllTextAsync(file, "\n# changed", Token);
        Assert.Equal("finder.py", (await ClassifyAsync(bridge)).Provenance.GetProperty("classifier").GetProperty("changed")[0].GetString());
        Assert.DoesNotContain("secret-words", (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).ToString(), StringComparison.Ordinal);

        static string NamedPython() => Slidebridge.Classifiers.Programs.NamedFiles.Find(Python.Interpreter)!;
    }

    [Fact]
    public async Task A_class_and_the_slide_are_recorded()
    {
        Counting.Found = 1;
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Counting>("counting"));
        var (made, task) = await ClassifyAsync(bridge);

        var assembly = typeof(Counting).Assembly.Location;
        Assert.Equal("csharp", made.GetProperty("classifier").GetProperty("kind").GetString());
        Assert.Equal((Path.GetFileName(assembly), Hash(assembly)), (made.GetProperty("classifier").GetProperty("files")[0].GetProperty("name").GetString(), made.GetProperty("classifier").GetProperty("files")[0].GetProperty("sha256").GetString()));
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+", made.GetProperty("bridge").GetProperty("version").GetString());

        var slide = made.GetProperty("slides")[0];
        Assert.Equal(("aperio-svs", 2220, 2967), (slide.GetProperty("format").GetString(), slide.GetProperty("width").GetInt32(), slide.GetProperty("height").GetInt32()));
        Assert.Equal("CPAPERIOCS", slide.GetProperty("scanner").GetProperty("aperio.ScanScope ID").GetString());
        Assert.False(slide.GetProperty("scanner").TryGetProperty("aperio.User", out _));
        Assert.Equal(new FileInfo(SharedFiles.CmuSmallRegion).Length, slide.GetProperty("objects")[0].GetProperty("bytes").GetInt64());
        Assert.NotEmpty(slide.GetProperty("objects")[0].GetProperty("version").GetString()!);
        Assert.NotEmpty(made.GetProperty("decoders").EnumerateObject());

        var result = await bridge.Http.GetByteArrayAsync(new Uri($"/api/tasks/{task.TaskNumber}/result", UriKind.Relative), Token);
        Assert.Equal((result.Length, Convert.ToHexStringLower(SHA256.HashData(result))), (made.GetProperty("result").GetProperty("bytes").GetInt32(), made.GetProperty("result").GetProperty("sha256").GetString()));
        Assert.DoesNotContain("provenance", Assert.Single(bridge.EvaluationsOf(task)).Result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_request_the_platform_receives_it_too()
    {
        Counting.Found = 1;
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.PostProvenance, "yes")], classifiers: b => b.AddClassifier<Counting>("counting"));
        var (made, task) = await ClassifyAsync(bridge);
        var posted = Assert.Single(bridge.EvaluationsOf(task)).Result.GetProperty("results").GetProperty("provenance");
        Assert.Equal(made.GetProperty("classifier").GetProperty("files")[0].GetProperty("sha256").GetString(), posted.GetProperty("classifier").GetProperty("files")[0].GetProperty("sha256").GetString());
        Assert.Contains("SHA-256 of", Assert.Single(bridge.EvaluationsOf(task)).Result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_is_computed_again_and_what_differs_is_told()
    {
        Counting.Found = 1;
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Counting>("counting"));
        var (_, task) = await ClassifyAsync(bridge);
        Task<Ran> VerifyAsync(params string[] more) => Ran.AsAsync(RunCommand.Create(Bridge.CreateBuilder([]).AddClassifier<Counting>("counting")), ["--verify", $"{task.TaskNumber}", "--url", bridge.Address.GetLeftPart(UriPartial.Authority), .. more]);

        // By the bridge, with its own URLs; and here, with the same slide.
        foreach (var slides in (string[][])[[], [SharedFiles.CmuSmallRegion]])
        {
            var same = await VerifyAsync(slides);
            Assert.True(same.Code == 0, same.Out + same.Error);
            Assert.Contains("the result is the same (SHA-256 ", same.Out, StringComparison.Ordinal);
            Assert.Contains("made by the same versions", same.Out, StringComparison.Ordinal);
        }
        Assert.Single(bridge.EvaluationsOf(task));

        var (withSetting, _, _) = await VerifyAsync(SharedFiles.CmuSmallRegion, "--settings", """{"depth":"3"}""") is var other ? other : null!;
        Assert.Equal(1, withSetting);
        Assert.Contains("made by: classifier's settings: (absent) → {\"depth\":\"3\"}", other.Out, StringComparison.Ordinal);
        Assert.Contains("result: $.scanResults[0].results.setting: \"none\" → \"3\"", other.Out, StringComparison.Ordinal);
        Assert.Contains("the result differs in 1 value", other.Out, StringComparison.Ordinal);

        Counting.Found = 2;
        var changed = await VerifyAsync();
        Assert.Equal(1, changed.Code);
        Assert.Contains("result: $.scanResults[0].results.summary: \"1 found in 2220\" → \"2 found in 2220\"", changed.Out, StringComparison.Ordinal);

        // What is saved is compared with its record, not only computed again.
        Counting.Found = 1;
        await using (var database = await bridge.DatabaseAsync())
        {
            var row = (await database.Results.FindAsync([task.TaskNumber], Token))!;
            var kept = row.Json;
            row.Json = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(kept).Replace("1 found", "9 found", StringComparison.Ordinal));
            await database.SaveChangesAsync(Token);
            Assert.Contains("was changed after it was made", (await VerifyAsync(SharedFiles.CmuSmallRegion).AsFailure()).Error, StringComparison.Ordinal);
            row.Json = kept;
            database.Entry(row).Property(r => r.Json).IsModified = true;
            await database.SaveChangesAsync(Token);
        }

        var two = await VerifyAsync(SharedFiles.CmuSmallRegion, SharedFiles.CmuSmallRegion).AsFailure();
        Assert.Equal((2, "The task has 1 scan, but 2 slides were named. Name one slide for each scan, in the order 8061861."), (two.Code, two.Error.Replace(ScanOf(task), "8061861", StringComparison.Ordinal)));
        var none = await Ran.AsAsync(RunCommand.Create(Bridge.CreateBuilder([])), []).AsFailure();
        Assert.Equal((2, "Name a slide."), (none.Code, none.Error));
    }

    static string ScanOf(SimulatedTask task) => task.Scans.Single().Id;

    [Fact]
    public async Task The_ledger_says_which_bytes_were_read()
    {
        Counting.Found = 1;
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Counting>("counting"));
        var (_, task) = await ClassifyAsync(bridge);
        var ledger = (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/ledger"))[0];
        var read = ledger.GetProperty("objects")[0].GetProperty("read").EnumerateArray().Select(r => (From: r[0].GetInt64(), To: r[1].GetInt64())).ToList();
        Assert.Equal(0, read[0].From);
        Assert.All(read.Zip(read.Skip(1)), pair => Assert.True(pair.First.To < pair.Second.From));
        Assert.InRange(read.Sum(r => r.To - r.From), 1, new FileInfo(SharedFiles.CmuSmallRegion).Length);
    }

    [Fact]
    public async Task The_ledger_of_a_copied_slide_does_not_say_that_its_label_was_never_read()
    {
        Counting.Found = 1;
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Counting>("counting").AddClassifier<Whole>("whole"));
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        var ledger = (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/ledger"))[0];
        Assert.True(ledger.GetProperty("givenWhole").GetBoolean());
        var label = ledger.GetProperty("parts").EnumerateArray().Single(part => part.GetProperty("name").GetString() == "label");
        Assert.Equal(label.GetProperty("bytes").EnumerateArray().Sum(range => range[1].GetInt64() - range[0].GetInt64()), label.GetProperty("bytesRead").GetInt64());
        var shown = await Ran.AsAsync(TasksCommand.Create(), "show", $"{task.TaskNumber}", "--ledger", "--url", bridge.Address.GetLeftPart(UriPartial.Authority));
        Assert.DoesNotContain("never read", shown.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nor_does_the_ledger_of_a_slide_that_was_staged_while_it_was_read()
    {
        Slow.Gate = new();
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.StageBefore, "2h")], classifiers: b => b.AddClassifier<Slow>("slow"));
        var task = await bridge.RequestAsync();
        while (!(await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).ToString().Contains("slides staged early", StringComparison.Ordinal)) await Task.Delay(50, Token);
        Slow.Gate.SetResult();
        await bridge.CompleteAsync(task);
        var ledger = (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/ledger"))[0];
        Assert.True(ledger.GetProperty("objects")[0].GetProperty("staged").GetBoolean());
        Assert.All(ledger.GetProperty("parts").EnumerateArray(), part => Assert.NotEqual(0, part.GetProperty("bytesRead").GetInt64()));
    }

    /// <summary>Asks for the slide as a file.</summary>
    sealed class Whole : IClassifier
    {
        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).Summary($"{new FileInfo(await task.Scans[0].GetLocalPathAsync(cancellationToken)).Length}");
            return results.Build();
        }
    }

    sealed class Slow : IClassifier
    {
        public static TaskCompletionSource Gate { get; set; } = new();

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            await Gate.Task.WaitAsync(cancellationToken);
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).Summary("done");
            return results.Build();
        }
    }

    static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
