namespace Slidebridge.Web.Live;

/// <summary>Answers a request with server-sent events, until the page is closed or the program stops.</summary>
static class EventStream
{
    /// <param name="context">The request.</param>
    /// <param name="run">Sends the events; it gets what sends a text at once, and what ends the stream.</param>
    /// <param name="stopping">The program stops.</param>
    public static async Task<IResult> RunAsync(HttpContext context, Func<Func<string, Task>, CancellationToken, Task> run, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // A proxy must not wait for more.
        try
        {
            await run(SendAsync, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the program stops: then the page goes on with another node.
        }
        return Results.Empty;

        async Task SendAsync(string text)
        {
            await context.Response.WriteAsync(text + "\n\n", stop.Token);
            await context.Response.Body.FlushAsync(stop.Token);
        }
    }
}
