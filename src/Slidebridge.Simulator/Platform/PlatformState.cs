using System.Collections.Concurrent;
using System.Text.Json;

namespace Slidebridge.Simulator.Platform;

/// <summary>A post of results as received, accepted or not.</summary>
/// <param name="At">When it was received.</param>
/// <param name="Status">The answer's status, before any fault.</param>
public sealed record SimulatedPost(DateTimeOffset At, int Status);

/// <summary>The webhook's answer.</summary>
/// <param name="Status">Its status, or 0 if the webhook could not be reached.</param>
/// <param name="Answer">Its body, shortened, or the error.</param>
/// <param name="Milliseconds">The duration of the call.</param>
public sealed record WebhookAnswer(int Status, string Answer, double Milliseconds);

/// <summary>One evaluation: the result of one scan from one accepted post.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Scan">The scan's id.</param>
/// <param name="TaskNumber">The task.</param>
/// <param name="CaseNumber">The case.</param>
/// <param name="At">When it was posted.</param>
/// <param name="Result">The scan's result as it was posted.</param>
/// <param name="CaseResults">The case's values from the same post, or undefined.</param>
public sealed record SimulatedEvaluation(long Id, string Scan, long TaskNumber, long CaseNumber, DateTimeOffset At, JsonElement Result, JsonElement CaseResults);

/// <summary>A task of the simulator.</summary>
public sealed class SimulatedTask
{
    /// <summary>The task's number.</summary>
    public required long TaskNumber { get; init; }

    /// <summary>The task's case.</summary>
    public required SimulatedCase Case { get; init; }

    /// <summary>The case's number.</summary>
    public long CaseNumber => Case.Number;

    /// <summary>The case's current triage.</summary>
    public (string? Category, double? Score) Triage => Case.Triage;

    /// <summary>Its scans.</summary>
    public required IReadOnlyList<SimulatedScan> Scans { get; init; }

    /// <summary>When it was requested.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>The name of the model that was requested.</summary>
    public required string Model { get; init; }

    /// <summary>The webhook that is called; null: none.</summary>
    public Uri? WebhookUrl { get; init; }

    /// <summary>The webhook's body as it was sent.</summary>
    public required string Body { get; init; }

    /// <summary>The task's own token.</summary>
    public required string Token { get; init; }

    /// <summary>Whether results were accepted.</summary>
    public bool Completed { get; internal set; }

    /// <summary>Every post of results, accepted or not.</summary>
    public ConcurrentQueue<SimulatedPost> Posts { get; } = new();

    /// <summary>The webhook's answer, or null if it was not called.</summary>
    public WebhookAnswer? Webhook { get; internal set; }

    /// <summary>The task's id in the platform's notation.</summary>
    public string TaskId => PlatformIds.Format("task", TaskNumber);
}

/// <summary>The complete state of the simulator.</summary>
public sealed class PlatformState(SimulatorOptions options)
{
    /// <summary>Numbers of the same size as the platform's.</summary>
    const long FirstCase = 42_000, FirstScan = 8_061_860;

    readonly long firstTask = options.FirstTask - 1 ?? options.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Events that are kept.</summary>
    const int MostEvents = 200;

    readonly ConcurrentDictionary<long, SimulatedTask> tasks = new();
    readonly ConcurrentDictionary<long, SimulatedCase> cases = new();
    readonly ConcurrentQueue<SimulatorEvent> events = new();
    readonly Lock posting = new();
    readonly List<SimulatedEvaluation> evaluations = [];
    long taskNumbers;
    long caseNumbers;
    long scanNumbers;
    long evaluationNumbers;

    /// <summary>The tasks, the oldest first.</summary>
    public IReadOnlyList<SimulatedTask> Tasks => [.. tasks.Values.OrderBy(t => t.TaskNumber)];

    /// <summary>The number of requests for slides so far.</summary>
    public long SlideRequests => Interlocked.Read(ref slideRequests);

    /// <summary>Bytes of slides served so far.</summary>
    public long SlideBytes => Interlocked.Read(ref slideBytes);

    long slideRequests;
    long slideBytes;

    /// <summary>The last events, the oldest first.</summary>
    public IReadOnlyList<SimulatorEvent> Events => [.. events];

    /// <summary>Grows with every event and whenever something is deleted: what has the same version has not changed.</summary>
    public long Version => Interlocked.Read(ref version);

    long version;

    /// <summary>A task, or null.</summary>
    public SimulatedTask? Find(long number) => tasks.GetValueOrDefault(number);

    /// <summary>Every evaluation, in the order of the posts.</summary>
    public IReadOnlyList<SimulatedEvaluation> Evaluations
    {
        get
        {
            lock (posting) return [.. evaluations];
        }
    }

    /// <summary>An evaluation, or null.</summary>
    public SimulatedEvaluation? FindEvaluation(long id)
    {
        lock (posting) return evaluations.Find(e => e.Id == id);
    }

    /// <summary>Tasks with more than one evaluation of a scan, which must never happen.</summary>
    public int Duplicates => Evaluations.GroupBy(e => (e.TaskNumber, e.Scan)).Where(g => g.Count() > 1).Select(g => g.Key.TaskNumber).Distinct().Count();

    internal long NextTask() => firstTask + Interlocked.Increment(ref taskNumbers);

    internal SimulatedCase NewCase() => new(FirstCase + Interlocked.Increment(ref caseNumbers));

    /// <summary>The case of an earlier task, or null.</summary>
    public SimulatedCase? FindCase(long number) => cases.GetValueOrDefault(number);

    internal string NextScan() => (FirstScan + Interlocked.Increment(ref scanNumbers)).ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal void Add(SimulatedTask task)
    {
        cases[task.CaseNumber] = task.Case;
        tasks[task.TaskNumber] = task;
    }

    internal void CountSlide(long bytes)
    {
        Interlocked.Increment(ref slideRequests);
        Interlocked.Add(ref slideBytes, bytes);
    }

    /// <summary>Appends a post's evaluations, all or none. A second post of the same results appends them again, as on the platform.</summary>
    /// <exception cref="InvalidOperationException">A text is not Unicode.</exception>
    internal void Append(SimulatedTask task, JsonElement results)
    {
        var ofCase = results.TryGetProperty("caseResults", out var values) ? values : default;
        var scans = results.GetProperty("scanResults").EnumerateArray().ToArray();
        foreach (var scan in scans) EvaluationDetails.Of(scan, ofCase); // Throws for values that could not be returned later.
        lock (posting)
        {
            foreach (var scan in scans)
                evaluations.Add(new SimulatedEvaluation(++evaluationNumbers, scan.GetProperty("scanId").GetString()!, task.TaskNumber, task.CaseNumber, options.Time.GetUtcNow(), scan, ofCase));
            if (ofCase.ValueKind is JsonValueKind.Object && ofCase.TryGetProperty("triage", out var triage) && triage.ValueKind is JsonValueKind.Object)
                task.Case.Triage = (triage.GetProperty("category").GetString(), triage.GetProperty("score").GetDouble());
            task.Completed = true;
        }
    }

    /// <summary>Deletes everything except the number counters.</summary>
    public void Clear()
    {
        lock (posting)
        {
            tasks.Clear();
            cases.Clear();
            evaluations.Clear();
        }
        events.Clear();
        Interlocked.Exchange(ref slideRequests, 0);
        Interlocked.Exchange(ref slideBytes, 0);
        Interlocked.Increment(ref version);
    }

    internal void Tell(string what)
    {
        var happened = new SimulatorEvent(options.Time.GetUtcNow(), what);
        events.Enqueue(happened);
        while (events.Count > MostEvents) events.TryDequeue(out _);
        Interlocked.Increment(ref version);
        options.OnEvent?.Invoke(happened);
    }
}
