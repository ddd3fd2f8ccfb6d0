using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Provenance;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Provenance;

/// <summary>The parts of the record of what made a result.</summary>
public sealed class ProvenancePartsTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_that_changed_after_it_was_read_is_named()
    {
        using var folder = new TemporaryFolder();
        string model = folder.File("model.onnx"), weights = folder.File("weights.bin");
        await File.WriteAllTextAsync(model, "first", Token);
        await File.WriteAllTextAsync(weights, "weights", Token);
        var files = await HashedFiles.ReadAsync([model, weights, folder.File("missing"), model], Token);
        Assert.Equal(
            [new("model.onnx", 5, Convert.ToHexStringLower(SHA256.HashData("first"u8))), new("weights.bin", 7, Convert.ToHexStringLower(SHA256.HashData("weights"u8))), new("missing", 0, null)],
            files.All);
        Assert.Null(files.Changed());
        await File.WriteAllTextAsync(model, "other", Token);
        File.Delete(weights);
        Assert.Equal(["model.onnx", "weights.bin"], files.Changed());
    }

    [Fact]
    public async Task A_link_that_leads_elsewhere_is_a_change_and_what_is_no_file_is_not_read()
    {
        using var folder = new TemporaryFolder();
        string one = folder.File("one"), two = folder.File("two"), link = folder.File("current");
        await File.WriteAllTextAsync(one, "one", Token);
        await File.WriteAllTextAsync(two, "two", Token);
        File.SetLastWriteTimeUtc(two, File.GetLastWriteTimeUtc(one));
        File.CreateSymbolicLink(link, one);
        var files = await HashedFiles.ReadAsync([link], Token);
        Assert.Equal(new FileProvenance("current", 3, Convert.ToHexStringLower(SHA256.HashData("one"u8))), Assert.Single(files.All));
        Assert.Null(files.Changed());
        File.Delete(link);
        File.CreateSymbolicLink(link, two);
        Assert.Equal(["current"], files.Changed());

        // A pipe would wait for a writer, and a device would never end.
        var pipe = folder.File("pipe");
        Assert.Equal(0, await ExitCodeAsync("mkfifo", pipe));
        var odd = await HashedFiles.ReadAsync([pipe, "/dev/zero", folder.File("missing")], Token).WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.All(odd.All, file => Assert.Null(file.Sha256));
    }

    static async Task<int> ExitCodeAsync(string program, string argument)
    {
        using var process = System.Diagnostics.Process.Start(program, [argument]);
        await process.WaitForExitAsync(Token);
        return process.ExitCode;
    }

    [Theory]
    [InlineData("""{"apiKey":"a"}""", """{"apiKey":"(hidden)"}""")]
    [InlineData("""{"service":{"Password":"b","pwd":"b","DB_PASSWD":1}}""", """{"service":{"Password":"(hidden)","pwd":"(hidden)","DB_PASSWD":"(hidden)"}}""")]
    [InlineData("""{"list":[{"access_token":{"d":1}},"Bearer abc"]}""", """{"list":[{"access_token":"(hidden)"},"(hidden)"]}""")]
    [InlineData("""{"Authorization":"x","sas":"sig=1","access-key":"y","dbConnection":"Host=a;Password=b"}""", """{"Authorization":"(hidden)","sas":"(hidden)","access-key":"(hidden)","dbConnection":"(hidden)"}""")]
    [InlineData("""{"url":"http://svc:hunter2@models.lan:8000/v2?sig=1","plain":"http://models.lan/v2"}""", """{"url":"http://models.lan:8000/v2 (hidden)","plain":"http://models.lan/v2"}""")]
    [InlineData("""{"threshold":0.5,"tokenizer":"v1","maxTokens":64,"keypoints":[1],"signatures":null,"authors":"a"}""", """{"threshold":0.5,"tokenizer":"v1","maxTokens":64,"keypoints":[1],"signatures":null,"authors":"a"}""")]
    public void Values_that_are_probably_secrets_are_hidden_and_the_settings_stay_as_they_are(string settings, string shown)
    {
        var own = JsonNode.Parse(settings)!.AsObject();
        Assert.Equal(shown, HiddenSecrets.In(own)!.ToJsonString());
        Assert.Equal(settings, own.ToJsonString());
        Assert.Equal(shown.Contains("(hidden)", StringComparison.Ordinal), HiddenSecrets.AreIn(HiddenSecrets.In(own)));
    }

    [Fact]
    public async Task The_files_of_a_command_are_its_program_and_the_files_it_names()
    {
        using var folder = new TemporaryFolder();
        var script = folder.File("find.sh");
        await File.WriteAllTextAsync(script, "", Token);
        Assert.Equal([NamedFiles.Find("sh")!, script], NamedFiles.Of($"sh '{script}' --threshold 0.5 nothing"));
        Assert.Equal([script], NamedFiles.Of($"MODEL={script}"));
        var spaced = folder.File("my model.sh");
        await File.WriteAllTextAsync(spaced, "", Token);
        Assert.Equal([NamedFiles.Find("sh")!, spaced], NamedFiles.Of($"sh \"{spaced}\"|| nothing"));
    }

    [Fact]
    public void Ranges_in_common_are_counted_once()
    {
        Assert.Equal(0, PartLedger.Common([[10, 20]], [[0, 10], [20, 30]]));
        Assert.Equal(5, PartLedger.Common([[10, 20]], [[0, 12], [17, 30]]));
        Assert.Equal(12, PartLedger.Common([[0, 10], [12, 20], [30, 40]], [[5, 15], [16, 18], [38, 50]]));
    }

    [Fact]
    public void Differences_of_two_records_name_what_changed_and_leave_times_out()
    {
        var then = new ResultProvenance
        {
            Bridge = new("1.0.0", "aaaaaaaaaa", ".NET 10", "linux-x64"),
            Classifier = new("m", "onnx", "1", [new("m.onnx", 1, "aa")], Settings: new JsonObject { ["t"] = 0.5 }),
            Slides = [new("7", "aperio-svs", 10, 20, 0.5, 0.5, 20, new Dictionary<string, string>(), [new(99, "\"e\"")], [])],
            Worker = "one",
            Run = 1,
            AcceptedAt = DateTimeOffset.UnixEpoch,
            Result = new(1, "x"),
        };
        Assert.Empty(Differences.Between(then, then with { Worker = "other", Run = 9, ClassifiedFrom = DateTimeOffset.UtcNow, Result = new(2, "y") }));
        var now = then with
        {
            Bridge = then.Bridge with { Version = "1.1.0" },
            Classifier = then.Classifier with { Version = "2", Files = [new("m.onnx", 1, "bb")], Settings = new JsonObject { ["t"] = 0.6 } },
            Slides = [then.Slides[0] with { Width = 11, Objects = [new(98, "\"f\"")] }],
        };
        Assert.Equal(
            ["bridge: Slidebridge 1.0.0 (aaaaaaa) → Slidebridge 1.1.0 (aaaaaaa)", "classifier's version: 1 → 2", "classifier's settings: {\"t\":0.5} → {\"t\":0.6}", "file m.onnx: aa → bb",
                "scan 7: aperio-svs, 10 × 20, 0.5 × 0.5 µm/pixel → aperio-svs, 11 × 20, 0.5 × 0.5 µm/pixel", "scan 7, object 1, bytes: 99 → 98", "scan 7, object 1, ETag: \"e\" → \"f\""],
            Differences.Between(then, now).Select(d => d.ToString()));
    }

    [Fact]
    public void Differences_of_two_results_are_named_by_their_paths() =>
        Assert.Equal(
            ["$.a[1]: 2 → 3", "$.provenance: 1 → 2", "$.b: (absent) → \"new\""],
            Differences.Between(JsonNode.Parse("""{"a":[1,2],"provenance":1}"""), JsonNode.Parse("""{"a":[1,3],"b":"new","provenance":2}"""), isAdded: true, 10).Select(d => d.ToString()));
}
