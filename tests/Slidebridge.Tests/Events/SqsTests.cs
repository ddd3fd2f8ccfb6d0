using Amazon.SQS;
using Amazon.SQS.Model;
using Slidebridge.Events;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Events;

public sealed class SqsTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static SqsTests() => QueueDouble.GiveCredentials();

    static Task<Sending> StartAsync(SqsQueue queue, TimeSpan? window = null) =>
        Sending.StartAsync(new EventOptions(null, queue, window ?? TimeSpan.FromHours(24), Sending.Quick()), new SqsSink(queue));

    [Theory]
    [InlineData("slidebridge-events")]
    [InlineData("slidebridge-events.fifo")]
    public async Task A_queue_gets_each_subjects_events_in_order_signed_and_with_every_field(string name)
    {
        await using var queue = await QueueDouble.StartAsync(name);
        await using var sending = await StartAsync(new SqsQueue(queue.Url, null));
        for (var number = 0; number < 5; number++)
            for (var group = 0; group < 3; group++) await sending.AddAsync($"g{group}", number);
        await queue.UntilAsync(q => q.Messages.Count == 15);
        await sending.UntilWaitingAsync(0);
        Assert.All(queue.Messages, message => Assert.Equal(name.EndsWith(".fifo", StringComparison.Ordinal) ? $"group-{message.Json["data"]!["group"]}" : null, message.Group));
        Assert.All(queue.Messages.GroupBy(m => m.Told), each => Assert.Equal(Enumerable.Range(0, 5), each.Select(m => m.Json["data"]!["waiting"]!.GetValue<int>())));
        Assert.Equal(15, queue.Messages.Select(m => m.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(400, "ThrottlingException")]
    [InlineData(403, "RequestThrottled")]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(500, "InternalFailure")]
    public async Task A_queue_that_is_busy_or_fails_after_it_stored_the_message_gets_it_again_and_a_fifo_queue_drops_the_repeat(int status, string code)
    {
        await using var queue = await QueueDouble.StartAsync("events.fifo");
        queue.Fault = number => number <= 2 ? (status, code, number == 2) : null;
        await using var sending = await StartAsync(new SqsQueue(queue.Url, queue.Endpoint));
        await sending.AddAsync("g", 0);
        await sending.AddAsync("g", 1);
        await queue.UntilAsync(q => q.Messages.Count == 2);
        await sending.UntilWaitingAsync(0);
        // The bridge makes each attempt, the SDK none.
        Assert.Equal(4, queue.Requests);
        Assert.Equal([0, 1], queue.Messages.Select(m => m.Json["data"]!["waiting"]!.GetValue<int>()));
    }

    [Fact]
    public async Task What_the_queue_says_is_told_by_its_code_and_never_in_its_words()
    {
        await using var queue = await QueueDouble.StartAsync("events");
        queue.Fault = _ => (400, "QueueDoesNotExist", false);
        using var sink = new SqsSink(new SqsQueue(queue.Url, null));
        var outcome = await sink.SendAsync(new() { Sink = "sqs", EventId = "msg_1", Subject = "task-1", Type = "task.failed", Body = "{}" }, Token);
        Assert.Equal((SendStatus.Failed, "SQS answered QueueDoesNotExist (400)"), (outcome.Status, outcome.Why));
    }

    [Fact]
    public async Task A_queue_that_is_away_is_told_in_a_sentence()
    {
        using var sink = new SqsSink(new SqsQueue(new Uri("http://127.0.0.1:9/123456789012/events"), null));
        var outcome = await sink.SendAsync(new() { Sink = "sqs", EventId = "msg_1", Subject = "task-1", Type = "task.failed", Body = "{}" }, Token);
        Assert.Equal((SendStatus.Failed, "SQS could not be reached: Connection refused"), (outcome.Status, outcome.Why));
    }

    [Theory]
    [InlineData("https://sqs.eu-central-1.amazonaws.com/123456789012/events.fifo", "eu-central-1", true, true)]
    [InlineData("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/events", "cn-north-1", true, false)]
    [InlineData("https://vpce-0a1b2c.sqs.us-gov-west-1.vpce.amazonaws.com/123456789012/events", "us-gov-west-1", false, false)]
    [InlineData("http://127.0.0.1:4566/000000000000/events", null, false, false)]
    public void A_queues_url_says_its_region_and_kind(string url, string? region, bool isOfRegion, bool isFifo)
    {
        var queue = new SqsQueue(SqsQueue.Parse(url), null);
        Assert.Equal((region, isOfRegion, isFifo), (queue.Region, queue.IsOfRegion, queue.IsFifo));
    }

    [Theory]
    [InlineData("https://sqs.eu-central-1.amazonaws.com/123456789012/events", null, "https://sqs.eu-central-1.amazonaws.com/")]
    [InlineData("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/events", null, "https://sqs.cn-north-1.amazonaws.com.cn/")]
    [InlineData("https://vpce-0a1b2c.sqs.us-west-2.vpce.amazonaws.com/123456789012/events", null, "https://vpce-0a1b2c.sqs.us-west-2.vpce.amazonaws.com/")]
    [InlineData("https://sqs.eu-central-1.amazonaws.com/123456789012/events", "https://sqs.internal.example:8443/", "https://sqs.internal.example:8443/")]
    public void The_API_is_called_at_the_queues_host_or_at_the_endpoint_that_is_given(string url, string? endpoint, string expected)
    {
        using var client = new AmazonSQSClient(SqsSink.ConfigOf(new SqsQueue(new Uri(url), endpoint is null ? null : new Uri(endpoint))));
        Assert.Equal(expected, client.DetermineServiceOperationEndpoint(new SendMessageRequest { QueueUrl = url, MessageBody = "{}" }).URL.TrimEnd('/') + "/");
    }

    [Theory]
    [InlineData("events")]
    [InlineData("arn:aws:sqs:eu-central-1:123456789012:events")]
    [InlineData("https://sqs.eu-central-1.amazonaws.com/events")]
    [InlineData("https://sqs.eu-central-1.amazonaws.com/123456789012/events?x=1")]
    public void What_is_no_queues_url_is_refused(string text) => Assert.Throws<FormatException>(() => SqsQueue.Parse(text));
}
