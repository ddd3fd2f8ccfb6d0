using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Slidebridge.Tests.MainJob;

/// <summary>The webhook's body as other senders put it on the wire.</summary>
public sealed class SenderTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_is_taken_compressed_and_in_the_encoding_that_it_says()
    {
        await using var bridge = await TestBridge.StartAsync();
        var text = (await bridge.PrepareAsync()).Body;
        var utf8 = Encoding.UTF8.GetBytes(text);
        foreach (var (body, type, encoding) in ((byte[], string, string?)[])[
            ([0xEF, 0xBB, 0xBF, .. utf8], "application/json", null),
            ([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)], "application/json; charset=utf-16", null),
            (Encoding.BigEndianUnicode.GetBytes(text), "application/json", null),
            (utf8, "application/json; charset=\"utf8\"", null),
            (utf8, "application/vnd.api+json; charset=nonsense", null),
            (JsonSerializer.SerializeToUtf8Bytes(text), "application/json", null),
            (Compressed(utf8, s => new GZipStream(s, CompressionLevel.Fastest)), "application/json", "gzip"),
            (Compressed(utf8, s => new GZipStream(s, CompressionLevel.Fastest)), "application/json", "X-GZip"),
            (Compressed(utf8, s => new ZLibStream(s, CompressionLevel.Fastest)), "application/json", "deflate"),
            (Compressed(utf8, s => new BrotliStream(s, CompressionLevel.Fastest)), "application/json", "br"),
            (utf8, "application/json", "identity")])
            Assert.Equal((HttpStatusCode.OK, ""), await SendAsync(bridge, body, type, encoding));

        // Only its Content-Type says what this text is.
        var latin = Encoding.Latin1.GetBytes("""{"task_id":5,"model_id":"Färbung","scans":{"1":"https://slides.example/a"}}""");
        Assert.Equal((HttpStatusCode.OK, ""), await SendAsync(bridge, latin, "application/json; charset=windows-1252"));
        Assert.Equal("Färbung", (await bridge.GetJsonAsync("/api/tasks/5")).GetProperty("model").GetString());
        Assert.Equal((HttpStatusCode.BadRequest, "$: a text in it is not valid Unicode; send the JSON as UTF-8"), await SendAsync(bridge, latin, "application/json"));
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_is_refused_with_one_sentence()
    {
        await using var bridge = await TestBridge.StartAsync();
        var text = (await bridge.PrepareAsync()).Body;
        var utf8 = Encoding.UTF8.GetBytes(text);
        var packed = Compressed(utf8, s => new GZipStream(s, CompressionLevel.Fastest));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "The body's Content-Encoding is not supported; send the body uncompressed, or with one of gzip, deflate, br."), await SendAsync(bridge, packed, "application/json", "zstd"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await SendAsync(bridge, packed, "application/json", "gzip, gzip")).Status);
        Assert.Equal((HttpStatusCode.BadRequest, "The body is damaged: it cannot be decompressed as its Content-Encoding says."), await SendAsync(bridge, utf8, "application/json", "gzip"));
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(bridge, packed[..^20], "application/json", "gzip")).Status);
        var bomb = Compressed(new byte[100 << 20], s => new GZipStream(s, CompressionLevel.Fastest));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "The body is larger than 1048576 bytes."), await SendAsync(bridge, bomb, "application/json", "gzip"));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "The body is a form; send the JSON object itself, with Content-Type: application/json."), await SendAsync(bridge, Encoding.UTF8.GetBytes("payload=" + Uri.EscapeDataString(text)), "application/x-www-form-urlencoded"));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "Send Content-Type: application/json."), await SendAsync(bridge, utf8, "text/plain"));
        var twice = Encoding.UTF8.GetBytes(text.Insert(1, "\"model_name\":\"a\",\"model_name\":\"b\","));
        Assert.Equal((HttpStatusCode.BadRequest, "$.model_name: occurs twice, the second time at line 1, byte 19; send it once"), await SendAsync(bridge, twice, "application/json"));
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tasks")).GetProperty("total").GetInt32());
    }

    static byte[] Compressed(byte[] body, Func<Stream, Stream> compress)
    {
        using var packed = new MemoryStream();
        using (var stream = compress(packed)) stream.Write(body);
        return packed.ToArray();
    }

    /// <summary>The answer, and of a refusal what it says.</summary>
    static async Task<(HttpStatusCode Status, string Detail)> SendAsync(TestBridge bridge, byte[] body, string type, string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null) content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var answer = await bridge.Http.PostAsync(new Uri("/webhook", UriKind.Relative), content, Token);
        var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement;
        return (answer.StatusCode, answer.IsSuccessStatusCode ? "" : said.GetProperty("detail").GetString()!);
    }
}
