using System.Linq.Expressions;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Storage;
using Slidebridge.Tests.Support;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.Tests.MainJob;

/// <summary>A whole bridge and the platform's stand-in, over real Kestrel and real SQLite files, that waits for milliseconds where a real one waits for seconds.</summary>
sealed class TestBridge : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A database of this version without a task. To migrate a new one for each test would take a part of its time; the tests of EndToEnd do.</summary>
    static readonly Lazy<Task<byte[]>> Empty = new(MakeEmptyAsync);

    readonly TemporaryFolder folder = new();
    WebApplication app = null!;

    public Platform Platform { get; private set; } = null!;

    public HttpClient Http { get; } = new() { Timeout = Patience };

    public Uri Address { get; private set; } = null!;

    public string Data => folder.File("data");

    public IServiceProvider Services => app.Services;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="settings">Set beside or over the test's own.</param>
    /// <param name="platform">Changes how the platform is set up.</param>
    /// <param name="classifiers">Adds classifiers; the last one added runs.</param>
    /// <param name="json">The text of slidebridge.json, or null for none.</param>
    public static async Task<TestBridge> StartAsync(
        (Setting Setting, string Value)[]? settings = null, Func<SimulatorOptions, SimulatorOptions>? platform = null, Action<BridgeBuilder>? classifiers = null, string? json = null)
    {
        var bridge = new TestBridge();
        var slides = Path.GetDirectoryName(SharedFiles.CmuSmallRegion)!;
        var options = new SimulatorOptions { Port = 0, SlidesDirectory = slides };
        await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(bridge.Data).FullName, "tasks.db"), await Empty.Value, Token);
        bridge.Platform = await Platform.StartAsync(platform?.Invoke(options) ?? options, Token);

        var builder = Bridge.CreateBuilder([]);
        if (classifiers is null) builder.DefaultClassifier = "boxes";
        classifiers?.Invoke(builder);
        bridge.app = await BridgeServer.CreateAsync(bridge.Options(settings ?? [], builder.DefaultClassifier, json), builder.AddTo, quiet: true, Token);
        await bridge.app.StartAsync(Token);
        if (bridge.Services.GetService<ISchedulerFactory>() is { } schedulers)
            while (await (await schedulers.GetScheduler(Token)).GetStatus(Token) is not SchedulerStatus.Running) await Task.Delay(5, Token); // It starts after the web server.
        bridge.Address = BridgeServer.AddressOf(bridge.app);
        bridge.Http.BaseAddress = bridge.Address;
        return bridge;
    }

    static async Task<byte[]> MakeEmptyAsync()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tasks.db");
        await using (var database = new SqliteTaskDatabase(new DbContextOptionsBuilder<SqliteTaskDatabase>().UseSqlite($"Data Source={path};Pooling=False").Options))
            await database.Database.MigrateAsync(CancellationToken.None);
        return await File.ReadAllBytesAsync(path, CancellationToken.None);
    }

    BridgeOptions Options((Setting Setting, string Value)[] settings, string classifier, string? json)
    {
        var values = new Dictionary<Setting, string>
        {
            [ServeSettings.Port] = "0",
            [ServeSettings.Listen] = "localhost",
            [ServeSettings.Data] = Data,
            [ServeSettings.PlatformUrl] = Platform.Address.ToString(),
            [ServeSettings.AllowHost] = Platform.Address.Host,
            [ServeSettings.ApiKeyId] = Platform.Options.ApiKeyId,
            [ServeSettings.ApiKeySecret] = Platform.Options.ApiKeySecret,
            [ServeSettings.RetryFirst] = "20ms",
            [ServeSettings.RetryLongest] = "200ms",
            [ServeSettings.DeliverySettle] = "300ms",
            [ServeSettings.PlatformTimeout] = "2s",
        };
        foreach (var (setting, value) in settings) values[setting] = value;
        if (json is not null) File.WriteAllText(folder.File("slidebridge.json"), json);
        var file = json is null ? null : SettingsFile.Read(folder.File("slidebridge.json"), ServeSettings.All);
        return BridgeOptions.From(new SettingValues(ServeSettings.All, s => values.TryGetValue(s, out var value) && value.Length > 0 ? [value] : null, _ => null, file), classifier);
    }

    /// <summary>One AI request, as the platform makes it: its webhook is called.</summary>
    public async Task<SimulatedTask> RequestAsync(params string[] slides) =>
        (await RequestAsync(new AiRequest { Slides = slides.Length > 0 ? slides : [RealSlide], Webhook = new Uri(Address, "/webhook").ToString() })).Single();

    public async Task<IReadOnlyList<SimulatedTask>> RequestAsync(AiRequest request) => await Platform.RequestAsync(request, Token);

    /// <summary>A task of the platform whose webhook was not called: its body is in the test's hand.</summary>
    public async Task<SimulatedTask> PrepareAsync(params string[] slides) => (await RequestAsync(new AiRequest { Slides = slides.Length > 0 ? slides : [RealSlide] })).Single();

    public const string RealSlide = "CMU-1-Small-Region.svs";

    public Task<HttpResponseMessage> PostAsync(string body, string path = "/webhook") =>
        Http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"), Token);

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(new Uri(path, UriKind.Relative), Token);

    /// <summary>A call with a token, and with nothing else that says who calls.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        return await Http.SendAsync(request, Token);
    }

    /// <summary>Lines of the audit log, once there are that many: reads and refusals are written once a second.</summary>
    public async Task<List<AuditEntry>> AuditAsync(int least, Expression<Func<AuditEntry, bool>>? which = null)
    {
        while (true)
        {
            await using var database = await DatabaseAsync();
            var lines = await database.Audit.AsNoTracking().Where(which ?? (_ => true)).OrderBy(line => line.Number).ToListAsync(Token);
            if (lines.Count >= least) return lines;
            await Task.Delay(20, Token);
        }
    }

    public Task<TaskDatabase> DatabaseAsync() => Services.GetRequiredService<IDbContextFactory<TaskDatabase>>().CreateDbContextAsync(Token);

    public async Task<JsonElement> GetJsonAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), Token);

    /// <summary>The task as the API tells it, once it has ended.</summary>
    public async Task<JsonElement> EndAsync(SimulatedTask task)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (true)
        {
            var now = await GetJsonAsync($"/api/tasks/{task.TaskNumber}");
            if (now.GetProperty("state").GetString() is "completed" or "failed" or "cancelled") return now;
            Assert.False(patience.IsCancellationRequested, $"The task does not end: {now}");
            await Task.Delay(10, Token);
        }
    }

    /// <summary>The task as the API tells it, once it is in a state: for one that has failed, and that a webhook has begin anew once it is verified.</summary>
    public async Task<JsonElement> UntilAsync(SimulatedTask task, string state)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (true)
        {
            var now = await GetJsonAsync($"/api/tasks/{task.TaskNumber}");
            if (now.GetProperty("state").GetString() == state) return now;
            Assert.False(patience.IsCancellationRequested, $"The task is not {state}: {now}");
            await Task.Delay(10, Token);
        }
    }

    public async Task<JsonElement> CompleteAsync(SimulatedTask task)
    {
        var ended = await EndAsync(task);
        Assert.True(ended.GetProperty("state").GetString() == "completed", ended.ToString());
        return ended;
    }

    /// <summary>Ends the task in failure, with nothing of it on the platform, and returns why.</summary>
    public async Task<string> FailAsync(SimulatedTask task)
    {
        var ended = await EndAsync(task);
        Assert.True(ended.GetProperty("state").GetString() == "failed", ended.ToString());
        Assert.Empty(EvaluationsOf(task));
        return ended.GetProperty("lastError").GetString()!;
    }

    public SimulatedEvaluation[] EvaluationsOf(SimulatedTask task) => [.. Platform.State.Evaluations.Where(e => e.TaskNumber == task.TaskNumber)];

    public void Add(Fault fault) => Platform.Faults.Add(fault);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        await Platform.DisposeAsync();
        Http.Dispose();
        folder.Dispose();
    }
}
