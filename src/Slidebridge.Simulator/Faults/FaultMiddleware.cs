using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.Simulator.Faults;

/// <summary>Applies the planned faults to calls of the platform's endpoints.</summary>
static class FaultMiddleware
{
    static readonly (string Start, FaultEndpoint Endpoint)[] Endpoints =
    [
        ("/api/v3/token", FaultEndpoint.Token), ("/api/v3/external/results/", FaultEndpoint.Results),
        ("/api/v3/external/case_evaluations/", FaultEndpoint.Evaluations), ("/api/v3/external/case/", FaultEndpoint.Case),
        ("/api/graphql", FaultEndpoint.GraphQl), ("/slides/", FaultEndpoint.Slides),
    ];

    public static void UseFaults(this WebApplication app) => app.Use(async (context, next) =>
    {
        var plan = (FaultPlan)context.RequestServices.GetService(typeof(FaultPlan))!;
        if (Find(context.Request.Path.Value!) is not { } endpoint || plan.Next(endpoint) is not { } fault)
        {
            await next(context);
            return;
        }
        ((PlatformState)context.RequestServices.GetService(typeof(PlatformState))!).Tell($"fault: {endpoint} {fault.Action} {fault.When}".ToLowerInvariant());
        await BefallAsync(context, next, fault);
    });

    static FaultEndpoint? Find(string path)
    {
        foreach (var (start, endpoint) in Endpoints)
            if (path.StartsWith(start, StringComparison.Ordinal)) return endpoint;
        return null;
    }

    static async Task BefallAsync(HttpContext context, RequestDelegate next, Fault fault)
    {
        if (fault is { When: FaultMoment.Before, Action: not FaultAction.Cut })
        {
            if (await HappenAsync(context, fault)) return;
            await next(context);
            return;
        }

        // The endpoint writes into a buffer; the fault decides which part of it is sent to the caller.
        var wire = context.Response.Body;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = wire;
        }
        if (fault.Action is FaultAction.Cut) await CutAsync(context, answer);
        else if (!await HappenAsync(context, fault)) await wire.WriteAsync(Bytes(answer), context.RequestAborted);
    }

    static async Task CutAsync(HttpContext context, MemoryStream answer)
    {
        if (answer.Length == 0)
        {
            context.Abort();
            return;
        }
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(Bytes(answer)[..(int)(answer.Length / 2)], context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted); // Fewer bytes than the Content-Length: Kestrel sends them, then closes the connection.
    }

    static ReadOnlyMemory<byte> Bytes(MemoryStream answer) => answer.GetBuffer().AsMemory(0, (int)answer.Length);

    /// <returns>Whether the fault has ended the call.</returns>
    static async Task<bool> HappenAsync(HttpContext context, Fault fault)
    {
        switch (fault.Action)
        {
            case FaultAction.Reset:
                context.Abort();
                return true;
            case FaultAction.Status:
                context.Response.Clear();
                context.Response.StatusCode = fault.Status;
                if (fault.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = $"{seconds}";
                if (fault.Status is not (204 or 304)) await context.Response.WriteAsync("""{"error":"a fault on demand"}""", context.RequestAborted);
                return true;
            default:
                await Task.Delay(fault.DelayMilliseconds, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return context.RequestAborted.IsCancellationRequested; // The caller has disconnected.
        }
    }
}
