using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;

namespace Slidebridge.Tests.Classifiers.Samples;

/// <summary>What a classifier says of one slide.</summary>
static class Classified
{
    public static async Task<ScanResult> ByAsync(IClassifier classifier, string slide, Stain? stain = null, string? settings = null)
    {
        await using var scan = new Scan("1", stain, token => Slide.OpenAsync(slide, null, token));
        var task = new ClassificationTask { TaskId = 1, Scans = [scan], Settings = settings is null ? null : JsonNode.Parse(settings)!.AsObject() };
        return (await classifier.ClassifyAsync(task, new ClassifierContext(new Progress<ScanProgress>(), NullLogger.Instance), TestContext.Current.CancellationToken)).ScanResults.Single();
    }
}
