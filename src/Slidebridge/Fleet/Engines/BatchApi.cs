using System.Net.Sockets;
using System.Text.Json;
using Amazon.Runtime;

namespace Slidebridge.Fleet.Engines;

/// <summary>Calls of AWS Batch with JSON in and out, each limited to 20 s. Every failure is a <see cref="FleetEngineException"/> for the operator.</summary>
sealed class BatchApi(BatchOptions options, TimeProvider time, AWSCredentials? credentials) : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    // Not kept if it fails: a later call asks the environment again.
    readonly Lazy<(BatchClient Client, BatchErrors Errors)> opened = new(() => Open(options, credentials), LazyThreadSafetyMode.PublicationOnly);

    /// <param name="operation">Such as <c>ListJobs</c>.</param>
    /// <param name="request">What is sent as JSON.</param>
    /// <param name="isRepeatable">Whether a second call does no harm.</param>
    /// <param name="cancellationToken">Ends the call without an answer.</param>
    /// <exception cref="FleetEngineException">There is no answer, a refusal, or an answer that cannot be understood.</exception>
    public async Task<T> CallAsync<T>(string operation, object request, bool isRepeatable, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var errors = new BatchErrors(options, null);
        try
        {
            // Limited here too: a search for credentials or a region has its own waits.
            var body = await Task.Run(() => SendAsync(either.Token), either.Token).WaitAsync(either.Token);
            return JsonSerializer.Deserialize<T>(body, Json) ?? throw new JsonException("null");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException or OperationCanceledException or IOException or SocketException or InvalidDataException or JsonException)
        {
            throw errors.Of(operation, e);
        }

        async Task<byte[]> SendAsync(CancellationToken token)
        {
            (var client, errors) = opened.Value;
            return await client.CallAsync(operation, JsonSerializer.SerializeToUtf8Bytes(request), isRepeatable, token);
        }
    }

    static (BatchClient Client, BatchErrors Errors) Open(BatchOptions options, AWSCredentials? credentials)
    {
        var region = options.Region ?? Environment.GetEnvironmentVariable("AWS_REGION") ?? Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION") ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName
            ?? throw new FleetEngineException("No region is known for AWS Batch. Set \"region\" of the engine, or the variable AWS_REGION.");
        var settings = new BatchClient.Settings(region, options.Endpoint);
        return (new BatchClient(settings, credentials), new BatchErrors(options, settings.ServiceURL.TrimEnd('/')));
    }

    public void Dispose()
    {
        if (opened.IsValueCreated) opened.Value.Client.Dispose();
    }
}
