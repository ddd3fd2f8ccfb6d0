using System.Net;
using System.Net.Http.Headers;

namespace Slidebridge.Delivery;

/// <summary>A JSON body whose last byte is sent only after a check. Without that byte, the platform has no valid document and stores nothing.</summary>
sealed class FencedContent : HttpContent
{
    readonly ReadOnlyMemory<byte> json;
    readonly Func<ValueTask> pass;

    public FencedContent(ReadOnlyMemory<byte> json, Func<ValueTask> pass)
    {
        (this.json, this.pass) = (json, pass);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(json[..^1], cancellationToken);
        await stream.FlushAsync(cancellationToken);
        await pass();
        await stream.WriteAsync(json[^1..], cancellationToken);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = json.Length;
        return true;
    }
}
