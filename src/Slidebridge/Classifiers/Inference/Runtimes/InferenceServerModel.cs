using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Json;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>
/// A model on a server with the Open Inference Protocol (v2) over HTTP: KServe, Triton, OpenVINO and others. Tensors are sent as bytes if the
/// server reports the extension <c>binary_tensor_data</c>, else as JSON. If the server cannot be reached or answers 5xx, there are a few attempts; then the task waits.
/// </summary>
sealed class InferenceServerModel : IModel
{
    // Larger than any answer to a batch: a faulty server must not fill the memory.
    const long LargestAnswer = 1L << 30;

    const int LongestWords = 500;

    // Waits between attempts at one batch: long enough for the restart of a server behind a load balancer. Longer outages are left to the task's retries.
    static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    readonly ModelFile file;
    readonly ModelAddress address;
    readonly TimeProvider time;
    readonly HttpClient http;
    bool isBinary;

    public InferenceServerModel(ModelFile file, ModelAddress address, TimeProvider time)
    {
        (this.file, this.address, this.time) = (file, address, time);
        // The operator's own server, usually in a private network: no address filter as for slides.
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
    }

    /// <inheritdoc/>
    public string? Remark => isBinary ? null : $"The model server at {address.Host} does not report that it accepts binary tensors ({InferenceMessage.BinaryExtension}), so tensors are sent as JSON, which is many times slower.";

    /// <inheritdoc/>
    public string? Version { get; private set; }

    /// <inheritdoc/>
    public string? Server => address.Host;

    /// <inheritdoc/>
    public async Task<ModelSignature> LoadAsync(CancellationToken cancellationToken)
    {
        await ReadyAsync(address.Health, "the server is not ready", cancellationToken);
        await ReadyAsync(address.Ready, $"the model '{address.Name}' is not ready on the server", cancellationToken);
        using var server = await GetAsync(new Uri(address.Server, "v2"), cancellationToken);
        isBinary = server.RootElement.ValueKind == JsonValueKind.Object && server.RootElement.TryGetProperty("extensions", out var extensions)
            && extensions.ValueKind == JsonValueKind.Array && extensions.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.String && e.ValueEquals(InferenceMessage.BinaryExtension));
        using var model = await GetAsync(address.Metadata, cancellationToken);
        Version = InferenceMessage.ReadVersions(model.RootElement);
        return Understand(() => InferenceMessage.ReadMetadata(model.RootElement));
    }

    /// <inheritdoc/>
    public async Task<ModelOutputs> RunAsync(InputBatch batch, IReadOnlyList<string> outputs, CancellationToken cancellationToken)
    {
        if (!isBinary && batch.Tensor.Element == Element.Float16) throw new ClassifierException($"The model server at {address.Host} accepts no binary tensors, and float16 tensors cannot be sent as JSON.");
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await InferAsync(batch, outputs, cancellationToken);
            }
            catch (ClassifierException e) when (e.IsTransient && attempt < Pauses.Length)
            {
                await Task.Delay(Pauses[attempt], time, cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return default;
    }

    async Task<ModelOutputs> InferAsync(InputBatch batch, IReadOnlyList<string> outputs, CancellationToken cancellationToken)
    {
        using var content = new InferenceContent(batch, outputs, isBinary);
        if (!isBinary) await content.LoadIntoBufferAsync(cancellationToken); // With a Content-Length: small servers do not support chunked bodies.
        var (body, header) = await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, address.Infer) { Content = content }, cancellationToken);
        return Understand(() => InferenceMessage.ReadOutputs(body, header));
    }

    async Task ReadyAsync(Uri uri, string otherwise, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, uri), cancellationToken);
        }
        // A model that is still being loaded is 400 on one server, 404 on another.
        catch (ClassifierException e) when (!e.IsTransient)
        {
            throw new ClassifierException($"{e.Message} So {otherwise}.", e) { IsTransient = true };
        }
    }

    async Task<JsonDocument> GetAsync(Uri uri, CancellationToken cancellationToken)
    {
        var (body, _) = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, uri), cancellationToken);
        return Understand(() => JsonDocument.Parse(ReceivedJson.ToUtf8(body)));
    }

    /// <summary>One request: the answer's body, and the number of its bytes that are JSON if binary data follows.</summary>
    async Task<(byte[] Body, int? Header)> SendAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(file.Runtime.Timeout);
        try
        {
            using var message = request();
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseContentRead, limit.Token); // Only in this mode does the client limit the size of the answer.
            var body = await response.Content.ReadAsByteArrayAsync(limit.Token);
            if (!response.IsSuccessStatusCode) throw Refusal(response.StatusCode, body);
            int? header = response.Headers.TryGetValues(InferenceMessage.HeaderLength, out var values) && int.TryParse(values.First(), out var length) ? length : null;
            return (body, header);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ClassifierException($"The model server at {address.Host} gave no answer: {Cause(e)}.", e) { IsTransient = true };
        }
    }

    ClassifierException Refusal(HttpStatusCode status, byte[] body)
    {
        var words = InferenceMessage.ReadError(body);
        if (words.Length > LongestWords) words = words[..LongestWords] + "…";
        return new ClassifierException($"The model server at {address.Host} answered {(int)status}{(words.Length > 0 ? $": {words.TrimEnd('.')}" : "")}.")
        {
            IsTransient = (int)status is >= 500 or 408 or 429,
        };
    }

    T Understand<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ClassifierException($"The model server at {address.Host} sent an answer that does not follow the Open Inference Protocol: {e.Message.TrimEnd('.')}.", e);
        }
    }

    string Cause(Exception e) => e switch
    {
        OperationCanceledException => $"the request took longer than {file.Runtime.Timeout.TotalSeconds:0.#} s (runtime.timeout)",
        { InnerException: SocketException socket } => socket.Message,
        HttpRequestException when CertificateFailure.Of(e) is { } why => why,
        { InnerException: { } inner } => inner.Message.TrimEnd('.'),
        _ => e.Message.TrimEnd('.'),
    };
}
