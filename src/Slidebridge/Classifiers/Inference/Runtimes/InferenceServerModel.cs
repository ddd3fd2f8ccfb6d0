using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Json;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Classifiers.Inference.Runtimes;

/// <summary>
/// A model on a server that speaks the Open Inference Protocol (v2) over HTTP: KServe, Triton, OpenVINO and others. Tensors travel as bytes where the
/// server names the extension <c>binary_tensor_data</c>, else as JSON. A server that is away or answers 5xx may be back: a few tries, then the task waits.
/// </summary>
sealed class InferenceServerModel : IModel
{
    // Larger than any answer to a batch: a server gone wrong must not fill the memory.
    const long LargestAnswer = 1L << 30;

    const int LongestWords = 500;

    // Between tries of one batch: what a restart of a server behind a balancer takes. A longer one is for the task's own retries.
    static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    readonly ModelFile file;
    readonly ModelAddress address;
    readonly TimeProvider time;
    readonly HttpClient http;
    bool isBinary;

    public InferenceServerModel(ModelFile file, ModelAddress address, TimeProvider time)
    {
        (this.file, this.address, this.time) = (file, address, time);
        // The operator's own server, mostly of a private network: no filter of addresses as for slides.
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestAnswer };
    }

    /// <inheritdoc/>
    public string? Remark => isBinary ? null : $"The model server at {address.Host} does not say that it takes tensors as bytes ({InferenceMessage.BinaryExtension}): they travel as JSON, which is many times slower.";

    /// <inheritdoc/>
    public async Task<ModelSignature> LoadAsync(CancellationToken cancellationToken)
    {
        await ReadyAsync(address.Health, "the server is not ready", cancellationToken);
        await ReadyAsync(address.Ready, $"the model '{address.Name}' is not ready there", cancellationToken);
        using var server = await GetAsync(new Uri(address.Server, "v2"), cancellationToken);
        isBinary = server.RootElement.ValueKind == JsonValueKind.Object && server.RootElement.TryGetProperty("extensions", out var extensions)
            && extensions.ValueKind == JsonValueKind.Array && extensions.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.String && e.ValueEquals(InferenceMessage.BinaryExtension));
        using var model = await GetAsync(address.Metadata, cancellationToken);
        return Understand(() => InferenceMessage.ReadMetadata(model.RootElement));
    }

    /// <inheritdoc/>
    public async Task<ModelOutputs> RunAsync(InputBatch batch, IReadOnlyList<string> outputs, CancellationToken cancellationToken)
    {
        if (!isBinary && batch.Tensor.Element == Element.Float16) throw new ClassifierException($"The model server at {address.Host} takes no binary tensors, and float16 has no JSON.");
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
        if (!isBinary) await content.LoadIntoBufferAsync(cancellationToken); // Its length is told: small servers know no chunks.
        var (body, header) = await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, address.Infer) { Content = content }, cancellationToken);
        return Understand(() => InferenceMessage.ReadOutputs(body, header));
    }

    async Task ReadyAsync(Uri uri, string otherwise, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, uri), cancellationToken);
        }
        // A model that is still loaded is 400 with one server, 404 with another.
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

    /// <summary>One exchange: the answer's body, and how many bytes of it are JSON where others follow.</summary>
    async Task<(byte[] Body, int? Header)> SendAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(file.Runtime.Timeout);
        try
        {
            using var message = request();
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseContentRead, limit.Token); // Only so the largest answer is one.
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
            throw new ClassifierException($"The model server at {address.Host} answered something that is not of the Open Inference Protocol: {e.Message.TrimEnd('.')}.", e);
        }
    }

    string Cause(Exception e) => e switch
    {
        OperationCanceledException => $"it took longer than {file.Runtime.Timeout.TotalSeconds:0.#} s (runtime.timeout)",
        { InnerException: SocketException socket } => socket.Message,
        HttpRequestException when CertificateFailure.Of(e) is { } why => why,
        { InnerException: { } inner } => inner.Message.TrimEnd('.'),
        _ => e.Message.TrimEnd('.'),
    };
}
