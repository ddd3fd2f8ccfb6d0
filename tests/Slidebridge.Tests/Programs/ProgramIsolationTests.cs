using System.Collections;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Execution;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Programs;

/// <summary>What programs are given, as whom they run, and what is left of them.</summary>
public sealed class ProgramIsolationTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_program_gets_the_variables_of_a_list_and_those_that_the_user_names()
    {
        var all = new Hashtable
        {
            ["PATH"] = "p",
            ["LC_ALL"] = "l",
            ["CUDA_VISIBLE_DEVICES"] = "0",
            ["OMP_NUM_THREADS"] = "1",
            ["MODEL_HOME"] = "m",
            ["PGPASSWORD"] = "s",
            ["AWS_SECRET_ACCESS_KEY"] = "s",
            ["NVIDIA_API_KEY"] = "s",
            ["TORCH_HUB_TOKEN"] = "s",
            ["SLIDEBRIDGE_API_TOKEN"] = "s",
            ["JWT_TOKEN"] = "s",
            ["HTTPS_PROXY"] = "s",
            ["DOTNET_DiagnosticPorts"] = "s",
        };
        var given = ProgramEnvironment.Of(["MODEL_HOME", "SLIDEBRIDGE_API_TOKEN", "JWT_TOKEN"], all);
        Assert.Equal(["CUDA_VISIBLE_DEVICES", "LC_ALL", "MODEL_HOME", "OMP_NUM_THREADS", "PATH"], given.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("SLIDEBRIDGE_API_KEY_SECRET")]
    [InlineData("slidebridge_webhook_key")]
    [InlineData("JWT_TOKEN")]
    public void A_setting_of_the_bridge_is_given_to_no_program(string name)
    {
        var values = new SettingValues(ServeSettings.All, s => s == ServeSettings.ProgramEnv ? [name] : null, _ => null, null);
        Assert.Contains("which no program receives", Assert.Throws<SettingException>(() => BridgeOptions.From(values, "boxes")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_is_told_without_its_URLs()
    {
        const string Url = "https://bucket/file?X-Amz-Signature=abc";
        var request = new JsonObject { ["task_id"] = "1", ["scans"] = new JsonObject { ["7"] = Url }, ["scan_urls"] = new JsonObject { ["7"] = new JsonArray(Url) }, ["new"] = new JsonArray(new JsonObject { ["url"] = Url }) };
        Assert.Equal("""{"task_id":"1","scans":{"7":""},"new":[{"url":""}]}""", RequestUrls.Without(request).ToJsonString());
        Assert.Equal(Url, (string?)request["scans"]!["7"]);
    }

    [Fact]
    public void What_a_dead_process_left_is_swept_and_what_a_living_one_holds_is_not()
    {
        using var folder = new TemporaryFolder();
        using var living = OwnedFolder.Create(folder.Path);
        File.WriteAllText(Path.Combine(living.Path, "tiles"), "");
        Directory.CreateDirectory(folder.File("slidebridge-dead"));
        File.WriteAllText(folder.File("slidebridge-dead.lock"), "");
        using var next = OwnedFolder.Create(folder.Path);
        Assert.True(File.Exists(Path.Combine(living.Path, "tiles")));
        Assert.False(Path.Exists(folder.File("slidebridge-dead")) || Path.Exists(folder.File("slidebridge-dead.lock")));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(next.Path));
    }

    [Theory]
    [InlineData(SandboxMode.Off)]
    [InlineData(SandboxMode.Auto)]
    public async Task A_program_runs_as_the_user_that_is_named_and_reads_its_own_files(object mode)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) Assert.Skip("only root may start programs as another user");
        using var host = new ProgramHost(new ProgramOptions { Sandbox = (SandboxMode)mode, User = "65534:65534" });
        using var place = host.CreatePlace();
        using var pixels = (IDisposable)place.CreatePixels(4096);
        await using var program = ProgramProcess.Start(host, place, ProgramCommand.Of($"cat '{((SharedPixels)pixels).Path}' | wc -c >&2; touch '{place.Written}/x' && grep -E '^(Uid|Groups|NoNewPrivs|CapEff)' /proc/self/status >&2"), null, null, null, keepsPlace: true);
        Assert.Equal(0, await program.EndedAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("4096 Uid: 65534 65534 65534 65534 Groups: CapEff: 0000000000000000 NoNewPrivs: 1",
            string.Join(' ', program.LastWords.ToString().Split((char[])['\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void A_program_holds_384_MB_of_pixels_and_no_more_until_it_closes_some()
    {
        const long Most = 384_000_000, Held = 4_000_000;
        using var host = new ProgramHost(new ProgramOptions { Sandbox = SandboxMode.Off });
        using var place = host.CreatePlace();
        place.CheckRoom(Most);
        using (var pixels = (IDisposable)place.CreatePixels((int)Held))
        {
            place.CheckRoom(Most - Held);
            Assert.Equal("384 MB of pixels, with 4 MB not closed yet, are more than the limit of 384 MB at a time. Use a smaller batch or region, and close batches that are done.", Assert.Throws<WrongRequestException>(() => place.CheckRoom(Most)).Message);
            Assert.Throws<WrongRequestException>(() => place.CreatePixels((int)(Most - Held + 1)));
        }
        place.CheckRoom(Most);
    }

    [Fact]
    public void A_user_that_is_not_there_is_told() =>
        Assert.StartsWith("--program-user: ", Assert.Throws<ClassifierSettingException>(() => new ProgramHost(new ProgramOptions { User = "nobody-of-this-name" })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_link_in_place_of_a_result_is_not_followed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("secret"), "secret");
        File.CreateSymbolicLink(folder.File("result.json"), folder.File("secret"));
        Assert.Null(WrittenFile.Open(folder.File("result.json")));
        using var plain = WrittenFile.Open(folder.File("secret"));
        Assert.NotNull(plain);
    }

    [Fact]
    public void Words_of_a_classifier_stay_out_of_the_nodes_log()
    {
        const string Name = "Doe, Jane";
        foreach (var e in (Exception[])[new ClassifierException(Name), new NotReadyException("mine", new ClassifierException(Name)), new ProgramDiedException("The program ended.", Words(Name)), new ProgramFailedException(Name, Words(Name)), new InvalidOperationException(Name), new AggregateException(new ClassifierException(Name))])
            Assert.DoesNotContain(Name, TaskFailure.Of(e).LogMessage, StringComparison.Ordinal);
        var node = new Kept();
        new RunLog(null, TimeProvider.System).Log(LogLevel.Information, default, Name, null, (text, _) => text);
        Assert.Empty(node.Lines);
        new RunLog(node, TimeProvider.System).Log(LogLevel.Information, default, Name, null, (text, _) => text);
        Assert.Equal([Name], node.Lines);
    }

    [Fact]
    public void No_control_character_of_others_reaches_a_terminal()
    {
        Assert.Equal("a [31m b c  d", PlainText.Line("a\u001b[31m\nb\u0007c\u202e\u2028d"));
        Assert.Equal("a\n\tb c", PlainText.Lines("a\n\tb\rc"));
    }

    static OutputTail Words(string text)
    {
        var words = new OutputTail();
        words.Add(text);
        return words;
    }

    sealed class Kept : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
