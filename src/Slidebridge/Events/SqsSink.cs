using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Slidebridge.Storage;
using Slidebridge.Techcyte;

namespace Slidebridge.Events;

/// <summary>
/// Sends events to <c>--events-sqs</c>. The credentials are those that the AWS SDK finds: environment, profile, container or instance. In a FIFO queue, each subject is a message group, and
/// the event's id removes repeats.
/// </summary>
sealed class SqsSink(SqsQueue queue) : IEventSink, IDisposable
{
    /// <summary>The codes with which AWS asks for fewer calls.</summary>
    static readonly string[] Throttling = ["ThrottlingException", "Throttling", "RequestThrottled", "TooManyRequestsException", "RequestThrottledException", "SlowDown", "KmsThrottled"];

    readonly Lazy<AmazonSQSClient> client = new(() => new AmazonSQSClient(ConfigOf(queue)));

    public string Name => EventOptions.SqsSink;

    public string Description => $"--events-sqs ({queue.Url.Segments[^1]})";

    public async Task<SendOutcome> SendAsync(OutgoingEvent outgoing, CancellationToken cancellationToken)
    {
        var request = new SendMessageRequest
        {
            QueueUrl = queue.Url.AbsoluteUri,
            MessageBody = outgoing.Body,
            MessageAttributes = new() { ["id"] = Text(outgoing.EventId), ["type"] = Text(outgoing.Type) },
            MessageGroupId = queue.IsFifo ? outgoing.Subject : null,
            MessageDeduplicationId = queue.IsFifo ? outgoing.EventId : null,
        };
        return await CallAsync(sqs => sqs.SendMessageAsync(request, cancellationToken), cancellationToken);
    }

    /// <summary>Whether the queue exists, and may be used with the credentials that the SDK finds.</summary>
    public Task<SendOutcome> CheckAsync(CancellationToken cancellationToken) =>
        CallAsync(sqs => sqs.GetQueueAttributesAsync(new GetQueueAttributesRequest { QueueUrl = queue.Url.AbsoluteUri, AttributeNames = ["QueueArn"] }, cancellationToken), cancellationToken);

    async Task<SendOutcome> CallAsync(Func<AmazonSQSClient, Task> call, CancellationToken cancellationToken)
    {
        try
        {
            // Limited here too: a search for credentials has its own waits.
            await Task.Run(() => call(client.Value), cancellationToken).WaitAsync(queue.Timeout, cancellationToken);
            return new(SendStatus.Accepted);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (AmazonServiceException e) when (e.StatusCode != 0)
        {
            var why = $"SQS answered {e.ErrorCode} ({(int)e.StatusCode})";
            return new(Throttling.Contains(e.ErrorCode) || e.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable ? SendStatus.Busy : SendStatus.Failed, why);
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or OperationCanceledException or TimeoutException or IOException)
        {
            return new(SendStatus.Failed, e is AmazonClientException { InnerException: null } ? $"the AWS SDK cannot call SQS: {e.Message.Split('\n', 2)[0].Trim()}" : $"SQS could not be reached: {(e is TimeoutException ? "the request timed out" : PlatformClient.Cause(e))}");
        }
    }

    static MessageAttributeValue Text(string value) => new() { DataType = "String", StringValue = value };

    /// <summary>The bridge makes the further attempts, not the SDK.</summary>
    internal static AmazonSQSConfig ConfigOf(SqsQueue queue)
    {
        var config = new AmazonSQSConfig { MaxErrorRetry = 0, ThrottleRetries = false, Timeout = queue.Timeout };
        if (queue is { Endpoint: null, IsOfRegion: true }) config.RegionEndpoint = RegionEndpoint.GetBySystemName(queue.Region);
        else
        {
            config.ServiceURL = (queue.Endpoint ?? queue.Url).GetLeftPart(UriPartial.Authority);
            config.AuthenticationRegion = queue.Region ?? Environment.GetEnvironmentVariable("AWS_REGION") ?? Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION") ?? "us-east-1";
        }
        return config;
    }

    public void Dispose()
    {
        if (client.IsValueCreated) client.Value.Dispose();
    }
}
