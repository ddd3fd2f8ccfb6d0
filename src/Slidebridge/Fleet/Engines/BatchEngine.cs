using Amazon.Runtime;

namespace Slidebridge.Fleet.Engines;

/// <summary>Workers as jobs of one queue and one job definition of AWS Batch. A job's name is its worker's name, and its tag <see cref="Tag"/> is its group.</summary>
/// <param name="credentials">Null: those that the AWS SDK finds.</param>
sealed class BatchEngine(BatchOptions options, string group, EngineServices services, AWSCredentials? credentials = null) : IFleetEngine, IDisposable
{
    public const string Tag = "slidebridge-fleet";

    /// <summary>The most that ListJobs and DescribeJobs accept.</summary>
    const int Page = 100;

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>A request has to be listed soon after it was made: two searches for its name and the call itself last at most 25 s.</summary>
    public static readonly TimeSpan SubmitLimit = TimeSpan.FromSeconds(15), SearchLimit = TimeSpan.FromSeconds(5);

    readonly BatchApi api = new(options, services.Time, credentials);

    // Batch lists ended jobs for a week. They do not change: they are described once. Null: a job of another group.
    Dictionary<string, EngineWorker?> known = [];

    public async Task StartAsync(WorkerRequest request, CancellationToken cancellationToken)
    {
        // SubmitJob has no token against repeats.
        if (await IsThereAsync(request.Name, cancellationToken)) return;
        try
        {
            await api.CallAsync<Submitted>("SubmitJob", Submission(request), isRepeatable: false, SubmitLimit, cancellationToken);
        }
        catch (FleetEngineException e) when (!BatchErrors.IsRefusal(e))
        {
            if (!await MayBeThereAsync(request.Name, cancellationToken)) throw;
        }
    }

    object Submission(WorkerRequest request) => new
    {
        jobName = request.Name,
        jobQueue = options.Queue,
        jobDefinition = options.Definition,
        containerOverrides = new { environment = request.Environment.Select(variable => new { name = variable.Key, value = variable.Value }) },
        tags = new Dictionary<string, string> { [Tag] = group },
        propagateTags = true,
        // The fleet asks for another worker where one is needed.
        retryStrategy = new { attempts = 1 },
    };

    public async Task<IReadOnlyList<EngineWorker>> ListAsync(CancellationToken cancellationToken)
    {
        var prefix = $"{group}-";
        var listed = new HashSet<string>();
        await foreach (var job in JobsAsync(prefix + "*", Limit, cancellationToken))
            if (job.JobName.StartsWith(prefix, StringComparison.Ordinal)) listed.Add(job.JobId);

        var settled = known.Where(each => listed.Contains(each.Key)).ToDictionary();
        var workers = settled.Values.OfType<EngineWorker>().ToList();
        foreach (var ids in listed.Where(id => !settled.ContainsKey(id)).ToList().Chunk(Page))
        {
            foreach (var job in (await api.CallAsync<Described>("DescribeJobs", new { jobs = ids }, isRepeatable: true, Limit, cancellationToken)).Jobs)
            {
                var worker = job.Tags?.GetValueOrDefault(Tag) == group ? job.ToWorker() : null;
                if (worker is not null) workers.Add(worker);
                if (worker is null or { Phase: WorkerPhase.Ended }) settled[job.JobId] = worker;
            }
        }
        known = settled;
        return workers;
    }

    public async Task StopAsync(EngineWorker worker, CancellationToken cancellationToken)
    {
        if (worker.Phase is WorkerPhase.Ended) return;
        // CancelJob does not touch a job that has left the queue.
        var operation = worker.Phase is WorkerPhase.Queued ? "CancelJob" : "TerminateJob";
        try
        {
            await api.CallAsync<Stopped>(operation, new { jobId = worker.Id, reason = "Slidebridge does not need this worker any more" }, isRepeatable: true, Limit, cancellationToken);
        }
        catch (FleetEngineException e) when (BatchErrors.IsUnknownJob(e)) { }
    }

    async Task<bool> IsThereAsync(string name, CancellationToken cancellationToken)
    {
        // The filter ignores case.
        await foreach (var job in JobsAsync(name, SearchLimit, cancellationToken))
            if (job.JobName == name) return true;
        return false;
    }

    async Task<bool> MayBeThereAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await IsThereAsync(name, cancellationToken);
        }
        catch (FleetEngineException)
        {
            return false;
        }
    }

    /// <summary>The queue's jobs of a name, or of names with a beginning (<c>gpu-*</c>), in every status: with a filter, ListJobs ignores the status.</summary>
    async IAsyncEnumerable<Summary> JobsAsync(string name, TimeSpan limit, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filters = new[] { new { name = "JOB_NAME", values = new[] { name } } };
        string? next = null;
        do
        {
            var request = new Dictionary<string, object> { ["jobQueue"] = options.Queue, ["filters"] = filters, ["maxResults"] = Page };
            if (next is not null) request["nextToken"] = next;
            var page = await api.CallAsync<Listed>("ListJobs", request, isRepeatable: true, limit, cancellationToken);
            foreach (var job in page.JobSummaryList) yield return job;
            if (page.NextToken is { Length: > 0 } token && token == next) throw new FleetEngineException("AWS Batch answers ListJobs with the same page again. The bridge tries again later.");
            next = page.NextToken;
        }
        while (next is { Length: > 0 });
    }

    public void Dispose() => api.Dispose();

    sealed record Listed(IReadOnlyList<Summary> JobSummaryList, string? NextToken = null);

    sealed record Summary(string JobId, string JobName);

    sealed record Described(IReadOnlyList<BatchJob> Jobs);

    sealed record Submitted(string JobId);

    sealed record Stopped;
}
