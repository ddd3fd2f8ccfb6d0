using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>A model server of the Open Inference Protocol, version 2, over HTTP, with a model behind it; it can be told to fail.</summary>
sealed class InferenceServer : IAsyncDisposable
{
    readonly WebApplication app;
    readonly InferenceSession session;
    readonly bool isBinary;

    InferenceServer(byte[] model, bool isBinary, int port)
    {
        (session, this.isBinary) = (new InferenceSession(model), isBinary);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.ListenLocalhost(port));
        builder.Logging.ClearProviders();
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    /// <summary>Asked before each answer: another status and text, or null.</summary>
    public Func<HttpRequest, (int Status, string Body)?> Fault { get; set; } = _ => null;

    public int Inferences { get; private set; }

    public string Model => $"{app.Urls.Single().Replace("localhost", "127.0.0.1")}/v2/models/dark";

    public static async Task<InferenceServer> StartAsync(byte[] model, bool isBinary = true, int port = 0)
    {
        // A free port of this machine: Kestrel takes port 0 on an address, not on a name.
        if (port == 0) port = FreePort();
        var server = new InferenceServer(model, isBinary, port);
        await server.app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    async Task AnswerAsync(HttpContext context)
    {
        if (Fault(context.Request) is { } fault)
        {
            context.Response.StatusCode = fault.Status;
            await context.Response.WriteAsync(fault.Body);
            return;
        }
        if (context.Request is { Method: "POST", ContentLength: null })
        {
            context.Response.StatusCode = StatusCodes.Status411LengthRequired; // As small servers do not say.
            return;
        }
        switch (context.Request.Path.Value)
        {
            case "/v2/health/ready" or "/v2/models/dark/ready" or "/v2/models/dark/versions/3/ready": break;
            case "/v2": await context.Response.WriteAsync(isBinary ? """{"name": "test", "version": "1", "extensions": ["binary_tensor_data"]}""" : """{"name": "test", "version": "1"}"""); break;
            case "/v2/models/dark" or "/v2/models/dark/versions/3": await context.Response.WriteAsync(Metadata()); break;
            case "/v2/models/dark/infer" or "/v2/models/dark/versions/3/infer": await InferAsync(context); break;
            default:
                context.Response.StatusCode = 404;
                await context.Response.WriteAsync("""{"error": "unknown model"}""");
                break;
        }
    }

    string Metadata()
    {
        return new JsonObject { ["name"] = "dark", ["versions"] = new JsonArray("3"), ["platform"] = "onnxruntime_onnx", ["inputs"] = Tensors(session.InputMetadata), ["outputs"] = Tensors(session.OutputMetadata) }.ToJsonString();

        static JsonArray Tensors(IReadOnlyDictionary<string, NodeMetadata> tensors) => [.. tensors.Select(t => new JsonObject
        {
            ["name"] = t.Key,
            ["datatype"] = t.Value.ElementType == typeof(byte) ? "UINT8" : "FP32",
            ["shape"] = new JsonArray([.. t.Value.Dimensions.Select(d => JsonValue.Create(d))]),
        })];
    }

    async Task InferAsync(HttpContext context)
    {
        Inferences++;
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        var header = context.Request.Headers["Inference-Header-Content-Length"].ToString() is { Length: > 0 } length ? int.Parse(length) : body.Length;
        using var request = JsonDocument.Parse(body.AsMemory(0, header));
        var input = request.RootElement.GetProperty("inputs")[0];
        long[] shape = [.. input.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
        using var tensor = Read(input, shape, body.AsSpan(header));
        var asked = request.RootElement.GetProperty("outputs")[0].GetProperty("name").GetString()!;
        using var run = new RunOptions();
        using var found = session.Run(run, [input.GetProperty("name").GetString()!], [tensor], [asked]);
        var values = found[0].GetTensorDataAsSpan<float>().ToArray();
        var output = new JsonObject { ["name"] = asked, ["datatype"] = "FP32", ["shape"] = new JsonArray([.. found[0].GetTensorTypeAndShape().Shape.Select(d => JsonValue.Create(d))]) };
        var bytes = Array.Empty<byte>();
        if (isBinary)
        {
            bytes = new byte[values.Length * 4];
            for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), values[i]);
            output["parameters"] = new JsonObject { ["binary_data_size"] = bytes.Length };
        }
        // Nested by its shape, as some servers write it.
        else output["data"] = new JsonArray([.. values.Chunk(values.Length / (int)shape[0]).Select(row => new JsonArray([.. row.Select(v => JsonValue.Create(v))]))]);
        var answer = Encoding.UTF8.GetBytes(new JsonObject { ["model_name"] = "dark", ["outputs"] = new JsonArray(output) }.ToJsonString());
        if (isBinary) context.Response.Headers["Inference-Header-Content-Length"] = $"{answer.Length}";
        await context.Response.Body.WriteAsync(answer);
        await context.Response.Body.WriteAsync(bytes);
    }

    static OrtValue Read(JsonElement input, long[] shape, ReadOnlySpan<byte> binary)
    {
        var isBytes = input.GetProperty("datatype").GetString() == "UINT8";
        if (input.TryGetProperty("parameters", out var parameters)) Assert.Equal(binary.Length, parameters.GetProperty("binary_data_size").GetInt32());
        else if (isBytes) return OrtValue.CreateTensorValueFromMemory([.. input.GetProperty("data").EnumerateArray().Select(v => v.GetByte())], shape);
        else return OrtValue.CreateTensorValueFromMemory([.. input.GetProperty("data").EnumerateArray().Select(v => v.GetSingle())], shape);
        return isBytes ? OrtValue.CreateTensorValueFromMemory(binary.ToArray(), shape) : OrtValue.CreateTensorValueFromMemory(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(binary).ToArray(), shape);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        session.Dispose();
    }
}
