using System.Net;
using System.Net.Sockets;
using System.Text;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Security;

/// <summary>HTTP as no library's client sends it.</summary>
public sealed class HttpTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_with_two_lengths_ends_where_its_chunks_end_and_nothing_of_it_is_another_request()
    {
        await using var bridge = await TestBridge.StartAsync();
        // A proxy that believed the length would see one request; whoever believes the chunks sees an empty one, and what follows it as a second.
        const string hidden = "0\r\n\r\nGET /api/tokens HTTP/1.1\r\nHost: localhost\r\n\r\n";
        var answer = await SayAsync(bridge, $"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nContent-Length: {hidden.Length}\r\n\r\n{hidden}");
        Assert.Equal(["HTTP/1.1 400 Bad Request"], answer.Split('\n').Where(line => line.StartsWith("HTTP/", StringComparison.Ordinal)).Select(line => line.TrimEnd()));

        foreach (var lengths in (string[])["Content-Length: 5\r\nContent-Length: 6", "Content-Length: -1", "Transfer-Encoding: chunked, identity", "Content-Length: 5, 6"])
            Assert.StartsWith("HTTP/1.1 400 ", await SayAsync(bridge, $"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{lengths}\r\n\r\n{{}}   "), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TRACE")]
    [InlineData("CONNECT")]
    [InlineData("OPTIONS")]
    public async Task Methods_that_would_return_a_request_or_open_a_way_are_refused(string method)
    {
        await using var bridge = await TestBridge.StartAsync();
        foreach (var path in (string[])["/", "/api/tasks", "/webhook", "/health/live"])
        {
            var answer = await SayAsync(bridge, $"{method} {(method == "CONNECT" ? "localhost:1" : path)} HTTP/1.1\r\nHost: localhost\r\nX-Secret: only-in-the-request\r\nConnection: close\r\n\r\n");
            Assert.Matches("^HTTP/1.1 4[0-9][0-9] ", answer);
            Assert.DoesNotContain("only-in-the-request", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_parameter_that_comes_twice_or_is_of_another_kind_is_refused_in_a_sentence()
    {
        await using var bridge = await TestBridge.StartAsync();
        foreach (var query in (string[])["state=failed&state=completed", "limit=5&limit=6", "limit=many", "offset=-1", "limit=501"])
            Assert.Equal(HttpStatusCode.BadRequest, (await bridge.GetAsync($"/api/tasks?{query}")).StatusCode);
    }

    static async Task<string> SayAsync(TestBridge bridge, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, bridge.Address.Port, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token); // The server closes the connection.
    }
}
