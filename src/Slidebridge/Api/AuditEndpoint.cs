using System.Text.Json;
using Slidebridge.Identity;
using Slidebridge.Security;

namespace Slidebridge.Api;

/// <summary><c>GET /api/audit</c>: the audit log as JSON lines, the oldest first.</summary>
static class AuditEndpoint
{
    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/audit", AnswerAsync).For(Role.Admin).WithSummary("The audit log as JSON lines, the oldest first; after=NUMBER begins later").Produces<AuditLine>(200, contentType: "application/jsonl");

    static async Task AnswerAsync(HttpContext context, AuditLog audit, CancellationToken cancellationToken, long after = 0)
    {
        await audit.ReadAsync(Callers.Of(context), "audit read", null, cancellationToken);
        context.Response.ContentType = "application/jsonl; charset=utf-8";
        await foreach (var entry in audit.LinesAsync(after, cancellationToken))
        {
            await JsonSerializer.SerializeAsync(context.Response.Body, AuditLine.Of(entry), AuditJson.Default.AuditLine, cancellationToken);
            await context.Response.Body.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }
}
