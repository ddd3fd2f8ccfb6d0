using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Api;
using Slidebridge.Comparison;
using Slidebridge.Identity;
using Slidebridge.Objects;
using Slidebridge.Security;
using Slidebridge.Techcyte;

namespace Slidebridge.Viewing;

/// <summary>
/// What a result places on a scan, for a viewer: <c>/api/tasks/{id}/scans/{scan}/objects</c> and below. <see cref="WantedResult"/> names another result of the task, or two results whose difference is wanted.
/// </summary>
static class ObjectEndpoints
{
    public static void MapObjects(this IEndpointRouteBuilder routes)
    {
        var objects = routes.MapGroup("/api/tasks/{id}/scans/{scan}/objects").For(Role.Viewer).OfOwnCompanies();
        objects.MapGet("", (string id, string scan, [AsParameters] WantedResult wanted, ScanObjects all, CancellationToken stop) => OfIndexAsync(id, scan, wanted, all, ObjectAnswers.Summary, stop))
            .Audited("result read").WithSummary("What a scan's result places on the slide: classes with counts and scores, and what cannot be drawn").Produces<ObjectSummary>().ProducesProblem(404).ProducesProblem(422);
        objects.MapGet("tiles/{level:int}/{x:int}/{y:int}", (string id, string scan, int level, int x, int y, [AsParameters] WantedResult wanted, ScanObjects all, CancellationToken stop) =>
                OfIndexAsync(id, scan, wanted, all, index => ObjectAnswers.Tile(index, level, x, y), stop))
            .WithSummary("A tile of objects: docs/decisions/objects.md").Produces(200, contentType: "application/octet-stream").Produces(204).ProducesProblem(404);
        objects.MapGet("page", (string id, string scan, [AsParameters] WantedResult wanted, ScanObjects all, CancellationToken stop, string? order = null, long? after = null, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "class")] int? cls = null, double? score = null, int limit = 100) =>
                OfIndexAsync(id, scan, wanted, all, index => ObjectAnswers.Page(index, order, after, cls, score, limit, stop), stop))
            .WithSummary("The objects as a table, by key").Produces<ObjectPage>().ProducesProblem(404);
        objects.MapGet("at", (string id, string scan, double x, double y, [AsParameters] WantedResult wanted, ScanObjects all, CancellationToken stop, double within = 0) => OfIndexAsync(id, scan, wanted, all, index => ObjectAnswers.At(index, x, y, within, stop), stop))
            .WithSummary("The objects at a level-0 position, the smallest first").Produces<ObjectsAt>().ProducesProblem(404);
        objects.MapGet("{number:long}", OneAsync).WithSummary("One object: its measures, its properties and its outline").Produces<JsonObject>().ProducesProblem(404);
    }

    static async Task<IResult> OfIndexAsync(string id, string scan, WantedResult wanted, ScanObjects objects, Func<ObjectIndex, IResult> answer, CancellationToken cancellationToken)
    {
        try
        {
            using var borrowed = PlatformId.TryParse(id, "task", out var number) ? await objects.OpenAsync(number, scan, wanted, cancellationToken) : null;
            return borrowed is null ? NoResult() : answer(borrowed.Index);
        }
        catch (ComparisonException e)
        {
            return TypedResults.Problem(e.Message, statusCode: 422);
        }
    }

    static async Task<IResult> OneAsync(string id, string scan, long number, [AsParameters] WantedResult wanted, ScanObjects objects, CancellationToken cancellationToken) =>
        ObjectAnswers.One(PlatformId.TryParse(id, "task", out var task) ? await objects.FindAsync(task, scan, wanted, number, cancellationToken) : null);

    static ProblemHttpResult NoResult() => TypedResults.Problem("There is no such result.", statusCode: 404);
}
