using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Slidebridge.Hosting;
using Slidebridge.Overlays;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Techcyte;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge objects get</c>: the objects that the platform has stored for an evaluation.</summary>
static class ObjectsCommand
{
    public static Command Create()
    {
        var scan = new Option<string>("--scan") { HelpName = "ID", Description = "The scan.", Required = true };
        var evaluation = new Option<string>("--evaluation") { HelpName = "ID", Description = "The evaluation, as the platform numbers it.", Required = true };
        var output = new Option<string?>("--out") { HelpName = "FILE", Description = "The file for the objects. Default: stdout." };
        var geojson = new Option<bool>("--geojson") { Description = "As GeoJSON that QuPath opens." };
        var get = new Command("get", """
            Downloads the boxes that an evaluation stored for a scan.

            They are a JSON list of {confidence, x, y, width, height} in level-0 pixels. The API key is set as for 'serve': SLIDEBRIDGE_API_KEY_ID and SLIDEBRIDGE_API_KEY_SECRET, or slidebridge.json.

            Example:
              slidebridge objects get --scan 8061860 --evaluation 4711 --geojson --out boxes.geojson
            """)
        { scan, evaluation, output, geojson };
        var settings = new SettingOptions(get, [ServeSettings.ApiKeyId, ServeSettings.ApiKeySecret, ServeSettings.Host, ServeSettings.PlatformUrl, ServeSettings.PlatformTimeout]);
        get.Does(async (parsed, cancellationToken) =>
        {
            var (scanNumber, evaluationNumber) = (Number(parsed.GetValue(scan)!, "--scan"), Number(parsed.GetValue(evaluation)!, "--evaluation"));
            var platform = settings.ReadPlatform(parsed);
            if (platform.ApiKeyId is null) throw new CommandException("No API key is set (--api-key-id, --api-key-secret). The platform needs one to show its objects.", 2);
            await using var services = new ServiceCollection().AddSingleton(platform).AddSingleton(TimeProvider.System).AddPlatformClient().BuildServiceProvider();
            var objects = await services.GetRequiredService<PlatformClient>().ReadObjectsAsync(scanNumber, evaluationNumber, cancellationToken);
            if (objects.Count == 0) await parsed.InvocationConfiguration.Error.WriteLineAsync("The evaluation has no objects on this scan, or does not exist.");
            var json = await JsonOfAsync(objects, parsed.GetValue(geojson), cancellationToken);
            if (parsed.GetValue(output) is { } file) await File.WriteAllBytesAsync(file, json, cancellationToken);
            else await parsed.InvocationConfiguration.Output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(json));
            return 0;
        });
        return new Command("objects", """
            Gets what the platform stored for an evaluation.

            Example:
              slidebridge objects get --scan 8061860 --evaluation 4711
            """)
        { get };
    }

    static long Number(string id, string option) =>
        PlatformId.TryParse(id, type: null, out var number) ? number : throw new CommandException($"{option}: '{id}' is not an id of the platform; it must be a number, or the base64 of type:number.", 2);

    static async Task<byte[]> JsonOfAsync(IReadOnlyList<PlatformObject> objects, bool geojson, CancellationToken cancellationToken)
    {
        if (!geojson) return JsonSerializer.SerializeToUtf8Bytes(objects, ObjectsJsonContext.Default.IReadOnlyListPlatformObject);
        using var json = new MemoryStream();
        await QuPathAnnotations.WriteAsync(json, objects.Select(o => new FoundShape(ShapeOf(o), "object", IsCounted: true, Score: o.Confidence)), cancellationToken);
        return json.ToArray();
    }

    // A box without size has no area, so QuPath draws a point.
    static Geometry ShapeOf(PlatformObject found) =>
        found is { Width: > 0, Height: > 0 } ? Polygon.Box(found.X, found.Y, found.Width, found.Height) : new Point(new Position(found.X, found.Y));
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<PlatformObject>))]
sealed partial class ObjectsJsonContext : JsonSerializerContext;
