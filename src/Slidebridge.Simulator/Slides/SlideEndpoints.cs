using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.Simulator.Slides;

/// <summary>Serves slides like S3: GET with ranges, with a signed URL that expires.</summary>
static class SlideEndpoints
{
    public static void MapSlides(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/slides/files_uuid/{name}", ["GET", "HEAD"], Answer);

    static IResult Answer(HttpContext context, SlideLibrary slides, PresignedUrls urls, PlatformState state)
    {
        switch (urls.Check(context.Request))
        {
            case UrlRefusal.Expired: return Refuse(403, "AccessDenied", "Request has expired");
            case UrlRefusal.SignatureDoesNotMatch: return Refuse(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.");
        }
        if (slides.Object(context.Request.Path.Value!) is not { } path || !File.Exists(path)) return Refuse(404, "NoSuchKey", "The specified key does not exist.");

        context.Response.OnStarting(() =>
        {
            state.CountSlide(context.Response.ContentLength ?? 0);
            return Task.CompletedTask;
        });
        var file = new FileInfo(path);
        return TypedResults.PhysicalFile(path, "binary/octet-stream", enableRangeProcessing: true,
            lastModified: file.LastWriteTimeUtc, entityTag: new EntityTagHeaderValue($"\"{file.LastWriteTimeUtc.Ticks:x}-{file.Length:x}\""));
    }

    static ContentHttpResult Refuse(int status, string code, string message) => TypedResults.Text(
        $"""<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>""", "application/xml", statusCode: status);
}
