using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Slidebridge.Fleet.Engines;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Fleet;

public sealed class BatchEngineTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static BatchEngineTests() => QueueDouble.GiveCredentials();

    static WorkerRequest Worker(string name = "gpu-1a2b") => new(name, new Dictionary<string, string> { ["SLIDEBRIDGE_NAME"] = name, ["SLIDEBRIDGE_UNTIL_IDLE"] = "2m" });

    static BatchEngine Engine(BatchDouble batch, TimeProvider? time = null, string queue = BatchDouble.Queue, string definition = BatchDouble.Definition, AWSCredentials? credentials = null) =>
        new(new BatchOptions(queue, definition, BatchDouble.Region, batch.Endpoint), "gpu", new EngineServices(time ?? TimeProvider.System, NullLogger.Instance), credentials);

    static async Task<string> RefusedAsync(Func<Task> call)
    {
        var e = await Assert.ThrowsAsync<FleetEngineException>(call);
        Assert.True(e.IsTransient);
        Assert.DoesNotContain(QueueDouble.Secret, e.Message, StringComparison.Ordinal);
        Assert.Matches(@"^[A-Z][^\n]{10,399}$", e.Message);
        return e.Message;
    }

    // Starting

    [Fact]
    public async Task A_worker_is_a_job_of_its_name_with_its_variables_its_groups_tag_and_one_attempt()
    {
        await using var batch = await BatchDouble.StartAsync();
        using var engine = Engine(batch);
        await engine.StartAsync(Worker(), Cancel);
        Assert.Empty(batch.Wrong);
        var expected = JsonNode.Parse("""
            {
              "jobName": "gpu-1a2b", "jobQueue": "slidebridge-gpu", "jobDefinition": "slidebridge-worker", "propagateTags": true, "retryStrategy": { "attempts": 1 }, "tags": { "slidebridge-fleet": "gpu" },
              "containerOverrides": { "environment": [ { "name": "SLIDEBRIDGE_NAME", "value": "gpu-1a2b" }, { "name": "SLIDEBRIDGE_UNTIL_IDLE", "value": "2m" } ] }
            }
            """);
        var sent = Assert.Single(batch.Calls("SubmitJob"));
        Assert.True(JsonNode.DeepEquals(expected, sent), sent.ToJsonString());
        var listed = Assert.Single(await engine.ListAsync(Cancel));
        Assert.Equal(new EngineWorker("gpu-1a2b", batch.Jobs[0]["jobId"]!.GetValue<string>(), WorkerPhase.Queued), listed);
    }

    [Theory]
    [InlineData("SUBMITTED")]
    [InlineData("PENDING")]
    [InlineData("RUNNABLE")]
    [InlineData("STARTING")]
    [InlineData("RUNNING")]
    [InlineData("SUCCEEDED")]
    [InlineData("FAILED")]
    public async Task A_repeated_request_submits_no_second_job_whatever_the_first_does(string status)
    {
        await using var batch = await BatchDouble.StartAsync();
        using var engine = Engine(batch);
        await engine.StartAsync(Worker(), Cancel);
        batch.Change(batch.Jobs[0]["jobId"]!.GetValue<string>(), status);
        await engine.StartAsync(Worker(), Cancel);
        using var ofAnotherNode = Engine(batch);
        await ofAnotherNode.StartAsync(Worker(), Cancel);
        Assert.Single(batch.Jobs);
        Assert.Empty(batch.Wrong);
    }

    [Fact]
    public async Task A_name_in_other_letter_case_is_another_worker_and_the_own_name_is_found_on_a_later_page()
    {
        await using var batch = await BatchDouble.StartAsync();
        using var engine = Engine(batch);
        batch.Add("GPU-1A2B");
        await engine.StartAsync(Worker(), Cancel);
        Assert.Equal(2, batch.Jobs.Count);
        batch.Add("Gpu-1a2b");
        batch.PageSize = 1;
        await engine.StartAsync(Worker(), Cancel);
        Assert.Equal(3, batch.Jobs.Count);
        Assert.Empty(batch.Wrong);
    }

    public static TheoryData<string> Uncertain => ["ServerException", "no answer", "a broken connection", "not JSON"];

    static BatchFault FaultOf(string kind, Task released) => kind switch
    {
        "no answer" => new BatchFault { Until = released, Breaks = true },
        "a broken connection" => new BatchFault { Breaks = true },
        "not JSON" => new BatchFault { Body = "<html>"u8.ToArray() },
        _ => new BatchFault(),
    };

    [Theory]
    [MemberData(nameof(Uncertain))]
    public async Task After_an_uncertain_answer_a_job_that_was_made_is_found_and_no_second_one_is_made(string kind)
    {
        await using var batch = await BatchDouble.StartAsync();
        var time = new FakeTimeProvider();
        var (reached, released) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        batch.Fault = (operation, number) =>
        {
            if (operation != "SubmitJob") return null;
            reached.SetResult();
            return FaultOf(kind, released.Task) with { IsCarriedOut = true };
        };
        using var engine = Engine(batch, time);
        var starting = engine.StartAsync(Worker(), Cancel);
        await reached.Task.WaitAsync(Cancel);
        if (kind == "no answer") time.Advance(BatchEngine.SubmitLimit);
        await starting;
        released.SetResult();
        Assert.Single(batch.Jobs);
        Assert.Single(batch.Calls("SubmitJob"));
        Assert.Empty(batch.Wrong);
    }

    [Theory]
    [MemberData(nameof(Uncertain))]
    public async Task After_an_uncertain_answer_without_a_job_the_request_fails_and_a_later_one_makes_one_job(string kind)
    {
        await using var batch = await BatchDouble.StartAsync();
        var time = new FakeTimeProvider();
        var (reached, released) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        batch.Fault = (operation, number) =>
        {
            if (operation != "SubmitJob" || number > 1) return null;
            reached.SetResult();
            return FaultOf(kind, released.Task);
        };
        using var engine = Engine(batch, time);
        var starting = engine.StartAsync(Worker(), Cancel);
        await reached.Task.WaitAsync(Cancel);
        if (kind == "no answer") time.Advance(BatchEngine.SubmitLimit);
        Assert.Matches(kind switch
        {
            "no answer" => @"^AWS Batch did not answer SubmitJob within 15 s\.$",
            "a broken connection" => @"^AWS Batch cannot be reached at http://127\.0\.0\.1:\d+: .+\. Check the region, the network and the proxy\.$",
            "not JSON" => @"^The answer to SubmitJob is not as AWS Batch documents it\. Check what answers at http://127\.0\.0\.1:\d+\.$",
            _ => @"^AWS Batch failed while it worked on SubmitJob \(ServerException, 500\)\. The bridge tries again later\.$",
        }, await RefusedAsync(() => starting));
        released.SetResult();
        Assert.Empty(batch.Jobs);
        Assert.Single(batch.Calls("SubmitJob"));
        await engine.StartAsync(Worker(), Cancel);
        Assert.Single(batch.Jobs);
    }

    [Fact]
    public async Task Many_workers_are_requested_at_a_time()
    {
        await using var batch = await BatchDouble.StartAsync();
        using var engine = Engine(batch);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => engine.StartAsync(Worker($"gpu-{i}"), Cancel)));
        Assert.Equal(20, batch.Jobs.Select(j => j["jobName"]!.GetValue<string>()).Distinct().Count());
        Assert.Equal(20, batch.Jobs.Count);
        Assert.Empty(batch.Wrong);
    }

    [Fact]
    public async Task If_the_second_look_fails_too_the_first_failure_is_reported()
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Fault = (operation, number) => operation switch { "SubmitJob" => new BatchFault { IsCarriedOut = true }, "ListJobs" when number > 1 => new BatchFault(403, "ExpiredTokenException"), _ => null };
        using var engine = Engine(batch);
        Assert.StartsWith("AWS Batch failed while it worked on SubmitJob", await RefusedAsync(() => engine.StartAsync(Worker(), Cancel)), StringComparison.Ordinal);
        batch.Fault = (_, _) => null;
        await engine.StartAsync(Worker(), Cancel);
        Assert.Single(batch.Jobs);
    }

    [Fact]
    public async Task A_throttled_call_is_tried_again_and_a_submitted_job_stays_the_only_one()
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Fault = (_, number) => number == 1 ? new BatchFault(429, "TooManyRequestsException") : null;
        using var engine = Engine(batch);
        await engine.StartAsync(Worker(), Cancel);
        await engine.ListAsync(Cancel);
        Assert.Equal((1, 2, 2), (batch.Jobs.Count, batch.Calls("SubmitJob").Count, batch.Calls("DescribeJobs").Count));
    }

    [Fact]
    public async Task A_failed_call_that_may_be_repeated_is_repeated_twice()
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Fault = (_, number) => number <= 2 ? new BatchFault() : null;
        using var engine = Engine(batch);
        Assert.Empty(await engine.ListAsync(Cancel));
        Assert.Equal(3, batch.Calls("ListJobs").Count);
    }

    // Listing

    [Fact]
    public async Task A_groups_workers_are_listed_over_all_pages_without_those_of_other_groups()
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.PageSize = 40;
        var own = Enumerable.Range(0, 205).Select(i => batch.Add($"gpu-{i}")).ToHashSet();
        batch.Add("gpu-big-1", group: "gpu-big");
        batch.Add("GPU-7");
        batch.Add("gpu-by-hand", group: null);
        batch.Add("cpu-1", group: "cpu");
        using var engine = Engine(batch);
        var listed = await engine.ListAsync(Cancel);
        Assert.Equal(own, listed.Select(w => w.Id).ToHashSet());
        Assert.Equal(205, listed.Count);
        Assert.Equal(6, batch.Calls("ListJobs").Count);
        Assert.Equal(3, batch.Calls("DescribeJobs").Count);
        Assert.Empty(batch.Wrong);
    }

    [Fact]
    public async Task Jobs_of_one_name_are_workers_with_different_ids()
    {
        await using var batch = await BatchDouble.StartAsync();
        string[] ids = [batch.Add("gpu-1", "FAILED"), batch.Add("gpu-1", "RUNNING")];
        using var engine = Engine(batch);
        var listed = await engine.ListAsync(Cancel);
        Assert.Equal(ids.Order(), listed.Select(w => w.Id).Order());
        Assert.All(listed, worker => Assert.Equal("gpu-1", worker.Name));
    }

    [Fact]
    public async Task An_ended_worker_is_described_once_and_listed_as_long_as_Batch_lists_it()
    {
        await using var batch = await BatchDouble.StartAsync();
        var (ended, running) = (batch.Add("gpu-1", "SUCCEEDED"), batch.Add("gpu-2", "RUNNING"));
        batch.Add("gpu-big-1", "RUNNING", "gpu-big");
        using var engine = Engine(batch);
        for (var round = 0; round < 3; round++) Assert.Equal([ended, running], (await engine.ListAsync(Cancel)).OrderBy(w => w.Name).Select(w => w.Id));
        Assert.Equal([3, 1, 1], batch.Calls("DescribeJobs").Select(c => c["jobs"]!.AsArray().Count));
        batch.Change(running, "SUCCEEDED");
        Assert.All(await engine.ListAsync(Cancel), worker => Assert.Equal(WorkerEnd.Finished, worker.End));
    }

    const string Exited = "\"statusReason\":\"Essential container in task exited\",\"container\":";

    [Theory]
    [InlineData("SUBMITTED", "", WorkerPhase.Queued, null, null)]
    [InlineData("PENDING", "", WorkerPhase.Queued, null, null)]
    [InlineData("RUNNABLE", "", WorkerPhase.Queued, null, null)]
    [InlineData("RUNNABLE", "\"statusReason\":\"MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue.\"", WorkerPhase.Queued, null, "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue")]
    [InlineData("RUNNABLE", "\"statusReason\":\"CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [g4dn.xlarge]\"", WorkerPhase.Queued, null, "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [g4dn.xlarge]")]
    [InlineData("STARTING", "", WorkerPhase.Starting, null, null)]
    [InlineData("RUNNING", "", WorkerPhase.Running, null, null)]
    [InlineData("SUCCEEDED", Exited + "{\"exitCode\":0}", WorkerPhase.Ended, WorkerEnd.Finished, null)]
    [InlineData("FAILED", "\"statusReason\":\"Host EC2 (instance i-0abcd1234) terminated.\"", WorkerPhase.Ended, WorkerEnd.Taken, "its machine was taken away: Host EC2 (instance i-0abcd1234) terminated")]
    [InlineData("FAILED", "\"statusReason\":\"EC2 spot interruption\"", WorkerPhase.Ended, WorkerEnd.Taken, "the job was cancelled or terminated: EC2 spot interruption")]
    [InlineData("FAILED", "\"statusReason\":\"Job attempt duration exceeded timeout\",\"container\":{\"exitCode\":137}", WorkerPhase.Ended, WorkerEnd.Taken, "the job definition's time limit ended it")]
    [InlineData("FAILED", "\"statusReason\":\"Terminated by user\"", WorkerPhase.Ended, WorkerEnd.Taken, "the job was cancelled or terminated: Terminated by user")]
    [InlineData("FAILED", "\"statusReason\":\"I need the GPU.\",\"isTerminated\":true,\"container\":{\"exitCode\":137}", WorkerPhase.Ended, WorkerEnd.Taken, "the job was cancelled or terminated: I need the GPU")]
    [InlineData("FAILED", "\"isCancelled\":true", WorkerPhase.Ended, WorkerEnd.Taken, "the job was cancelled or terminated")]
    [InlineData("FAILED", Exited + "{\"exitCode\":2}", WorkerPhase.Ended, WorkerEnd.Failed, "its program ended with exit code 2")]
    [InlineData("FAILED", Exited + "{\"exitCode\":137,\"reason\":\"OutOfMemoryError: Container killed due to memory usage\"}", WorkerPhase.Ended, WorkerEnd.Failed, "its container used more memory than the job definition gives it")]
    [InlineData("FAILED", "\"statusReason\":\"Task failed to start\",\"container\":{\"reason\":\"CannotPullContainerError: Error response from daemon:\\n pull access denied for worker.\"}", WorkerPhase.Ended, WorkerEnd.Failed, "its image could not be pulled: CannotPullContainerError: Error response from daemon: pull access denied for worker")]
    [InlineData("FAILED", "\"statusReason\":\"Task failed to start\",\"container\":{\"reason\":\"ResourceInitializationError: unable to pull secrets\"}", WorkerPhase.Ended, WorkerEnd.Failed, "its container failed: ResourceInitializationError: unable to pull secrets")]
    [InlineData("FAILED", "\"statusReason\":\"Task failed to start\",\"attempts\":[{\"container\":{\"reason\":\"DockerTimeoutError: Could not transition to started\"},\"statusReason\":\"Task failed to start\"}]", WorkerPhase.Ended, WorkerEnd.Failed, "its container failed: DockerTimeoutError: Could not transition to started")]
    [InlineData("FAILED", "\"statusReason\":\"Task failed to start\"", WorkerPhase.Ended, WorkerEnd.Failed, "Task failed to start")]
    [InlineData("FAILED", "", WorkerPhase.Ended, WorkerEnd.Failed, "AWS Batch does not state a reason")]
    public async Task A_jobs_status_and_reasons_are_a_workers_phase_end_and_why(string status, string detail, object phase, object? end, string? why)
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Add("gpu-1", status, detail: $"{{{detail}}}");
        using var engine = Engine(batch);
        var worker = Assert.Single(await engine.ListAsync(Cancel));
        Assert.Equal((phase, end, why), ((object)worker.Phase, worker.End, worker.Why));
    }

    [Fact]
    public async Task A_workers_times_are_those_of_its_job_or_of_its_last_attempt()
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Add("gpu-1", "RUNNING", detail: """{ "startedAt": 1780000001500 }""");
        batch.Add("gpu-2", "SUCCEEDED", detail: """{ "startedAt": 1780000001500, "stoppedAt": 1780000061500 }""");
        batch.Add("gpu-3", "FAILED", detail: """{ "attempts": [ { "startedAt": 1, "stoppedAt": 2 }, { "startedAt": 1780000002500, "stoppedAt": 1780000003500 } ] }""");
        batch.Add("gpu-4", "FAILED", detail: """{ "startedAt": 0 }""");
        batch.Add("gpu-5", "RUNNABLE", detail: """{ "attempts": [] }""");
        using var engine = Engine(batch);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1_780_000_001_500);
        Assert.Equal([(at, null), (at, at.AddMinutes(1)), (at.AddSeconds(1), at.AddSeconds(2)), (null, null), (null, null)],
            (await engine.ListAsync(Cancel)).OrderBy(w => w.Name).Select(w => ((DateTimeOffset?)w.StartedAt, w.EndedAt)));
    }

    [Theory]
    [InlineData("ListJobs", "<html>")]
    [InlineData("ListJobs", "null")]
    [InlineData("ListJobs", "{}")]
    [InlineData("ListJobs", """{ "jobSummaryList": [ { "jobName": "gpu-1" } ] }""")]
    [InlineData("ListJobs", """{ "jobSummaryList": [ { "jobName": "gpu-1", "jobId": 7 } ] }""")]
    [InlineData("DescribeJobs", """{ "jobs": [ { "jobId": "1", "jobName": "gpu-1", "status": null } ] }""")]
    [InlineData("DescribeJobs", """{ "jobs": [ { "jobId": "1", "jobName": "gpu-1", "status": "RUNNING", "startedAt": "yesterday" } ] }""")]
    public async Task An_answer_that_cannot_be_understood_is_an_error(string operation, string body)
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Add("gpu-1");
        batch.Fault = (called, _) => called == operation ? new BatchFault { Body = Encoding.UTF8.GetBytes(body) } : null;
        using var engine = Engine(batch);
        Assert.StartsWith($"The answer to {operation} is not as AWS Batch documents it.", await RefusedAsync(() => engine.ListAsync(Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_that_is_new_and_a_page_that_repeats_are_errors()
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Add("gpu-1", "HIBERNATING");
        using var engine = Engine(batch);
        Assert.Contains("the status 'HIBERNATING', which this version of the bridge does not know", await RefusedAsync(() => engine.ListAsync(Cancel)), StringComparison.Ordinal);
        batch.Fault = (_, _) => new BatchFault { Body = """{ "jobSummaryList": [], "nextToken": "same" }"""u8.ToArray() };
        Assert.Equal("AWS Batch answers ListJobs with the same page again. The bridge tries again later.", await RefusedAsync(() => engine.ListAsync(Cancel)));
    }

    [Fact]
    public async Task An_answer_over_4_MiB_is_not_read_and_one_below_is()
    {
        await using var batch = await BatchDouble.StartAsync();
        var size = (4 << 20) + 1;
        batch.Fault = (_, _) => new BatchFault { Body = Encoding.UTF8.GetBytes("""{ "jobSummaryList": [] }""".PadRight(size)) };
        using var engine = Engine(batch);
        Assert.StartsWith("The answer to ListJobs has more than 4 MiB.", await RefusedAsync(() => engine.ListAsync(Cancel)), StringComparison.Ordinal);
        Assert.Single(batch.Calls("ListJobs"));
        size--;
        Assert.Empty(await engine.ListAsync(Cancel));
    }

    // Stopping

    [Theory]
    [InlineData("SUBMITTED")]
    [InlineData("PENDING")]
    [InlineData("RUNNABLE")]
    public async Task A_waiting_worker_is_cancelled_unless_it_has_started_since(string status)
    {
        await using var batch = await BatchDouble.StartAsync();
        string[] ids = [batch.Add("gpu-1", status), batch.Add("gpu-2", status), batch.Add("gpu-3", status)];
        using var engine = Engine(batch);
        var workers = await engine.ListAsync(Cancel);
        batch.Change(ids[1], "STARTING");
        batch.Change(ids[2], "RUNNING");
        foreach (var worker in workers) await engine.StopAsync(worker, Cancel);
        Assert.Equal([("gpu-1", WorkerPhase.Ended), ("gpu-2", WorkerPhase.Starting), ("gpu-3", WorkerPhase.Running)], (await engine.ListAsync(Cancel)).OrderBy(w => w.Name).Select(w => (w.Name, w.Phase)));
        Assert.Empty(batch.Calls("TerminateJob"));
        Assert.Empty(batch.Wrong);
    }

    [Fact]
    public async Task A_starting_worker_is_terminated_and_that_is_not_its_fault()
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Add("gpu-1", "STARTING");
        using var engine = Engine(batch);
        await engine.StopAsync((await engine.ListAsync(Cancel))[0], Cancel);
        var worker = Assert.Single(await engine.ListAsync(Cancel));
        Assert.Equal((WorkerEnd.Taken, "the job was cancelled or terminated: Slidebridge does not need this worker any more"), (worker.End, worker.Why));
        await engine.StopAsync(worker, Cancel);
        Assert.Single(batch.Calls("TerminateJob"));
        Assert.Empty(batch.Calls("CancelJob"));
    }

    [Theory]
    [InlineData(WorkerPhase.Queued)]
    [InlineData(WorkerPhase.Starting)]
    public async Task A_worker_that_Batch_does_not_know_any_more_is_stopped_without_an_error(object phase)
    {
        await using var batch = await BatchDouble.StartAsync();
        using var engine = Engine(batch);
        await engine.StopAsync(new EngineWorker("gpu-1", "5f0b7a1e-0000-0000-0000-000000000000", (WorkerPhase)phase), Cancel);
        Assert.Empty(batch.Wrong);
    }

    [Fact]
    public async Task A_worker_that_may_not_be_stopped_is_an_error()
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Fault = (_, _) => new BatchFault(403, "AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/bridge/i-1 is not authorized to perform: batch:TerminateJob on resource: arn:aws:batch:eu-central-1:123456789012:job/7 because no identity-based policy allows it");
        using var engine = Engine(batch);
        Assert.Equal("The AWS credentials may not use batch:TerminateJob on arn:aws:batch:eu-central-1:123456789012:job/7. Allow it in the policy of the bridge's role or user.",
            await RefusedAsync(() => engine.StopAsync(new EngineWorker("gpu-1", "7", WorkerPhase.Starting), Cancel)));
    }

    // What may go wrong

    [Theory]
    [InlineData(429, "TooManyRequestsException", "Too Many Requests", "AWS Batch limits the rate of calls (SubmitJob: TooManyRequestsException, 429). The bridge tries again later.")]
    [InlineData(400, "ThrottlingException", "Rate exceeded", "AWS Batch limits the rate of calls (SubmitJob: ThrottlingException, 400). The bridge tries again later.")]
    [InlineData(403, "ExpiredTokenException", "The security token included in the request is expired", "The AWS credentials have expired (ExpiredTokenException, 403). Renew them; a role is renewed by itself.")]
    [InlineData(403, "UnrecognizedClientException", "The security token included in the request is invalid.", "AWS does not know the credentials (UnrecognizedClientException, 403). Check the access key, and that its account may use the region.")]
    [InlineData(403, "InvalidSignatureException", "The Canonical String for this request should have been 'x-amz-security-token:SECRET'", "AWS refuses the signature of SubmitJob (InvalidSignatureException, 403). Check the secret access key and this machine's clock.")]
    [InlineData(403, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/x is not authorized to perform: batch:TagResource on resource: arn:aws:batch:eu-central-1:123456789012:job/*", "The AWS credentials may not use batch:TagResource on arn:aws:batch:eu-central-1:123456789012:job/*. Allow it in the policy of the bridge's role or user.")]
    [InlineData(403, "AccessDeniedException", "Denied.", "The AWS credentials may not use batch:SubmitJob. Allow it in the policy of the bridge's role or user.")]
    [InlineData(400, "ClientException", "Error executing request, Exception : Job Queue slidebridge-gpu is DISABLED", "The job queue 'slidebridge-gpu' is disabled. Enable it: aws batch update-job-queue --job-queue slidebridge-gpu --state ENABLED")]
    [InlineData(400, "ClientException", "JobQueue arn:aws:batch:eu-central-1:123456789012:job-queue/slidebridge-gpu can't be found.", "AWS Batch has no job queue 'slidebridge-gpu' in this account and region. Create it, or correct \"queue\" and \"region\" of the engine.")]
    [InlineData(400, "ClientException", "Job definition slidebridge-worker is INACTIVE for this queue", "AWS Batch has no active job definition 'slidebridge-worker'. Register it, or correct \"definition\" of the engine.")]
    [InlineData(400, "ClientException", "Environment is\ntoo large.", "AWS Batch refuses SubmitJob: Environment is too large.")]
    [InlineData(404, "SomethingNew", "x-amz-security-token:SECRET", "AWS Batch refuses SubmitJob (SomethingNew, 404).")]
    [InlineData(500, "ServerException", "internal", "AWS Batch failed while it worked on SubmitJob (ServerException, 500). The bridge tries again later.")]
    [InlineData(503, "ServiceUnavailable", "", "AWS Batch failed while it worked on SubmitJob (ServiceUnavailable, 503). The bridge tries again later.")]
    public async Task A_refusal_is_a_sentence_for_the_operator(int status, string code, string text, string expected)
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Fault = (operation, _) => operation == "SubmitJob" ? new BatchFault(status, code, text) : null;
        using var engine = Engine(batch);
        Assert.Equal(expected, await RefusedAsync(() => engine.StartAsync(Worker(), Cancel)));
        Assert.Empty(batch.Jobs);
        Assert.Empty(batch.Wrong);
    }

    [Fact]
    public async Task A_queue_or_a_definition_that_does_not_exist_is_named()
    {
        await using var batch = await BatchDouble.StartAsync();
        using var withoutQueue = Engine(batch, queue: "slidebridge-cpu");
        var expected = "AWS Batch has no job queue 'slidebridge-cpu' in this account and region. Create it, or correct \"queue\" and \"region\" of the engine.";
        Assert.Equal(expected, await RefusedAsync(() => withoutQueue.StartAsync(Worker(), Cancel)));
        Assert.Equal(expected, await RefusedAsync(() => withoutQueue.ListAsync(Cancel)));
        using var withoutDefinition = Engine(batch, definition: "slidebridge-old");
        Assert.Equal("AWS Batch has no active job definition 'slidebridge-old'. Register it, or correct \"definition\" of the engine.", await RefusedAsync(() => withoutDefinition.StartAsync(Worker(), Cancel)));
    }

    [Fact]
    public async Task A_server_that_is_away_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var engine = new BatchEngine(new BatchOptions("q", "d", BatchDouble.Region, new Uri($"http://127.0.0.1:{port}")), "gpu", new EngineServices(TimeProvider.System, NullLogger.Instance));
        Assert.Equal($"AWS Batch cannot be reached at http://127.0.0.1:{port}: Connection refused. Check the region, the network and the proxy.", await RefusedAsync(() => engine.StartAsync(Worker(), Cancel)));
    }

    [Fact]
    public async Task A_call_ends_after_20_s_or_when_the_caller_ends_it()
    {
        await using var batch = await BatchDouble.StartAsync();
        var time = new FakeTimeProvider();
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new SemaphoreSlim(0);
        batch.Fault = (_, _) =>
        {
            reached.Release();
            return new BatchFault { Until = released.Task };
        };
        using var engine = Engine(batch, time);
        var listing = engine.ListAsync(Cancel);
        await reached.WaitAsync(Cancel);
        time.Advance(BatchEngine.Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(listing.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("AWS Batch did not answer ListJobs within 20 s.", await RefusedAsync(() => listing));

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        listing = engine.ListAsync(ended.Token);
        await reached.WaitAsync(Cancel);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing);
        released.SetResult();
    }

    // Credentials, region and clock

    sealed class NoCredentials(Exception why) : AWSCredentials
    {
        public override ImmutableCredentials GetCredentials() => throw why;
    }

    public static TheoryData<Exception> CredentialFailures =>
    [
        new AmazonClientException("Failed to resolve AWS credentials.\n\nException 1 of 3: …"), new AmazonServiceException("Unable to get IAM security credentials from EC2 Instance Metadata Service."), new ProcessAWSCredentialException("SECRET"),
    ];

    [Theory]
    [MemberData(nameof(CredentialFailures), DisableDiscoveryEnumeration = true)]
    public async Task Without_credentials_the_error_says_where_they_come_from(Exception why)
    {
        await using var batch = await BatchDouble.StartAsync();
        using var engine = Engine(batch, credentials: new NoCredentials(why));
        Assert.Equal("The AWS SDK finds no credentials for AWS Batch. Give the bridge's machine or container a role, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.", await RefusedAsync(() => engine.ListAsync(Cancel)));
        Assert.Empty(batch.Calls("ListJobs"));
    }

    [Fact]
    public async Task A_role_that_needs_a_package_of_the_SDK_that_is_missing_is_an_error_that_names_the_package()
    {
        await using var batch = await BatchDouble.StartAsync();
        using var engine = Engine(batch, credentials: new NoCredentials(new InvalidOperationException("Assembly AWSSDK.SecurityToken could not be found or loaded.")));
        Assert.Equal("The AWS SDK cannot use the credentials that it finds: Assembly AWSSDK.SecurityToken could not be found or loaded.", await RefusedAsync(() => engine.ListAsync(Cancel)));
    }

    [Fact]
    public async Task A_sessions_token_is_sent_and_signed_and_a_wrong_secret_is_refused_without_repeating_what_AWS_said()
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Token = "FwoGZXIvYXdzEXAMPLE/+=";
        using var session = Engine(batch, credentials: new SessionAWSCredentials(QueueDouble.KeyId, QueueDouble.Secret, batch.Token));
        await session.StartAsync(Worker(), Cancel);
        using var wrong = Engine(batch, credentials: new SessionAWSCredentials(QueueDouble.KeyId, "another secret", batch.Token));
        Assert.Equal("AWS refuses the signature of ListJobs (InvalidSignatureException, 403). Check the secret access key and this machine's clock.", await RefusedAsync(() => wrong.ListAsync(Cancel)));
        using var other = Engine(batch);
        Assert.StartsWith("AWS does not know the credentials", await RefusedAsync(() => other.ListAsync(Cancel)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_machine_whose_clock_is_wrong_signs_with_the_servers_time(int minutes)
    {
        await using var batch = await BatchDouble.StartAsync();
        batch.Ahead = TimeSpan.FromMinutes(minutes);
        using var engine = Engine(batch);
        await engine.StartAsync(Worker(), Cancel);
        Assert.Single(batch.Jobs);
        Assert.Single(await engine.ListAsync(Cancel));
    }

    [Fact]
    public async Task Without_a_region_in_the_settings_it_comes_from_the_environment()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION") is null, "AWS_DEFAULT_REGION is set.");
        await using var batch = await BatchDouble.StartAsync();
        batch.SignedRegion = "ap-southeast-2";
        using var engine = new BatchEngine(new BatchOptions(BatchDouble.Queue, BatchDouble.Definition, null, batch.Endpoint), "gpu", new EngineServices(TimeProvider.System, NullLogger.Instance));
        Environment.SetEnvironmentVariable("AWS_DEFAULT_REGION", batch.SignedRegion);
        try
        {
            Assert.Empty(await engine.ListAsync(Cancel));
        }
        finally
        {
            Environment.SetEnvironmentVariable("AWS_DEFAULT_REGION", null);
        }
    }

    [Theory]
    [InlineData("eu-central-1", null, "https://batch.eu-central-1.amazonaws.com/")]
    [InlineData("cn-north-1", null, "https://batch.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-gov-west-1", null, "https://batch.us-gov-west-1.amazonaws.com/")]
    [InlineData("eu-central-1", "https://vpce-0a1b2c.batch.eu-central-1.vpce.amazonaws.com/x", "https://vpce-0a1b2c.batch.eu-central-1.vpce.amazonaws.com/")]
    public void The_API_is_called_in_its_region_or_at_the_endpoint_that_is_given(string region, string? endpoint, string expected)
    {
        using var settings = new BatchClient.Settings(region, endpoint is null ? null : new Uri(endpoint));
        Assert.Equal((expected, region), (settings.ServiceURL, settings.AuthenticationRegion));
    }
}
