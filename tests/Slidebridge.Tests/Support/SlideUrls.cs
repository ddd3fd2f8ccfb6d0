using System.Text.Json.Nodes;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.Tests.Support;

/// <summary>Webhook bodies whose slides lie elsewhere than the platform's stand-in has them.</summary>
static class SlideUrls
{
    /// <summary>A task's body with another URL for its only scan, and another company.</summary>
    public static string BodyWith(this SimulatedTask task, string? url, string company)
    {
        var body = JsonNode.Parse(task.Body)!.AsObject();
        body["company_id"] = company;
        if (url is null) return body.ToJsonString();
        var scan = body["scans"]!.AsObject().Single().Key;
        body["scans"] = new JsonObject { [scan] = url };
        body["scan_urls"] = new JsonObject { [scan] = new JsonArray(url) };
        return body.ToJsonString();
    }

    /// <summary>The object under a signature that expired long ago.</summary>
    public static string Expired(this ServedObject served) => $"{served.Url}&X-Amz-Date=20200101T000000Z&X-Amz-Expires=60";

    /// <summary>The object under a signature that will expire in so long.</summary>
    public static string ExpiringIn(this ServedObject served, TimeSpan life) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{served.Url}&X-Amz-Date={DateTime.UtcNow:yyyyMMdd'T'HHmmss'Z'}&X-Amz-Expires={life.TotalSeconds:0}");
}
