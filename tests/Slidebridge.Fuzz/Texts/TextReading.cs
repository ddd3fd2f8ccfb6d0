using System.Text.Json;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Fuzz.Seeds;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Webhook;

namespace Slidebridge.Fuzz.Texts;

/// <summary>Reads a text as the bridge reads it. Only what the bridge answers or fails a task with may come out.</summary>
static class TextReading
{
    static readonly ClassificationTask Task = new() { TaskId = 5, Scans = [new Scan("1", null, _ => throw new InvalidOperationException())] };

    static readonly string Folder = Directory.CreateTempSubdirectory("slidebridge-fuzz-").FullName;

    public static bool IsText(Seed seed) => seed.Format is "webhook" or "results" or "lines" or "model";

    /// <returns>Whether it was taken.</returns>
    public static async Task<bool> RunAsync(string format, byte[] text)
    {
        try
        {
            switch (format)
            {
                case "webhook":
                    var request = WebhookRequestParser.Parse(text, keepsUnknown: true);
                    _ = TaskIntake.ObjectsOf(request.Scans);
                    _ = Staging.PresignedUrl.EarliestExpiry(request.Scans.SelectMany(s => s.Urls));
                    _ = JsonDocument.Parse(request.Json);
                    break;
                case "results":
                    var results = ProgramResults.Of(text, Task);
                    // What is posted is what was valid, its values can be read, and they are valid too.
                    if (!text.AsSpan().Trim(" \t\r\n"u8).SequenceEqual(ResultsValidator.SerializeValid(results, ["1"]))) throw new InvalidOperationException("Other bytes would be posted.");
                    _ = Overlays.SavedShapes.Of(text, "1").Count();
                    _ = ProgramResults.Of(ResultsJson.Serialize(results), Task);
                    break;
                case "lines":
                    using (var stream = new MemoryStream(text))
                    {
                        var reader = new MessageReader(stream, () => { }, 64 << 20);
                        while (await reader.ReadAsync() is { } message) message.Dispose();
                    }
                    break;
                default:
                    var file = Path.Combine(Folder, $"{Environment.ProcessId}.yaml");
                    await File.WriteAllBytesAsync(file, text);
                    _ = ModelFile.Read(file, needsModel: false);
                    break;
            }
            return true;
        }
        catch (Exception e) when (e is WebhookRequestException or InvalidResultsException or ClassifierException or ProtocolBrokenException or ModelFileException)
        {
            return false;
        }
    }
}
