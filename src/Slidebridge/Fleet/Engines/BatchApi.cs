using System.Text.Json;
using Amazon.Runtime;

namespace Slidebridge.Fleet.Engines;

/// <summary>Calls of AWS Batch with JSON in and out, each limited in time. Every failure is a <see cref="FleetEngineException"/> for the operator.</summary>
sealed class BatchApi(BatchOptions options, TimeProvider time, AWSCredentials? credentials) : IDisposable
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    readonly Lock opening = new();
    (BatchClient Client, BatchErrors Errors)? opened;

    /// <param name="operation">Such as <c>ListJobs</c>.</param>
    /// <param name="request">What is sent as JSON.</param>
    /// <param name="isRepeatable">Whether a second call does no harm.</param>
    /// <param name="limit">Time limit, with all attempts.</param>
    /// <param name="cancellationToken">Ends the call without an answer.</param>
    /// <exception cref="FleetEngineException">There is no answer, a refusal, or an answer that cannot be understood.</exception>
    public async Task<T> CallAsync<T>(string operation, object request, bool isRepeatable, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
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
        catch (OperationCanceledException e)
        {
            throw new FleetEngineException($"AWS Batch did not answer {operation} within {limit.TotalSeconds:0} s.", e);
        }
        catch (Exception e) when (BatchErrors.IsKnown(e))
        {
            throw errors.Of(operation, e);
        }

        async Task<byte[]> SendAsync(CancellationToken token)
        {
            (var client, errors) = Open();
            return await client.CallAsync(operation, JsonSerializer.SerializeToUtf8Bytes(request), isRepeatable, token);
        }
    }

    /// <summary>Once, unless it fails: then a later call asks the environment again.</summary>
    (BatchClient Client, BatchErrors Errors) Open()
    {
        lock (opening) return opened ??= Make();
    }

    (BatchClient Client, BatchErrors Errors) Make()
    {
        var region = options.Region ?? Environment.GetEnvironmentVariable("AWS_REGION") ?? Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION") ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName
            ?? throw new FleetEngineException("No region is known for AWS Batch. Set \"region\" of the engine, or the variable AWS_REGION.");
        var settings = new BatchClient.Settings(region, options.Endpoint);
        return (new BatchClient(settings, credentials), new BatchErrors(options, settings.ServiceURL.TrimEnd('/')));
    }

    public void Dispose()
    {
        opened?.Client.Dispose();
    }
}
