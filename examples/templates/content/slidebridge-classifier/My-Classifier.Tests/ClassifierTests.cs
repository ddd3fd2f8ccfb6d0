using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;

namespace My_Classifier.Tests;

public sealed class ClassifierTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.svs");

    [Theory]
    [InlineData(0.0, true)]
    [InlineData(3.0, false)]
    public async Task Tissue_is_dense_from_the_threshold_on(double threshold, bool isDense)
    {
        var token = TestContext.Current.CancellationToken;
        await SyntheticTissue.Create(1024, 768).WriteAsync(path, cancellationToken: token); // FindNuclei and IsTissue tell what is where.
        await using var scan = new Scan("1", new Stain("he"), ct => Slide.OpenAsync(path, cancellationToken: ct));
        var task = new ClassificationTask { TaskId = 1, Scans = [scan] };
        var classifier = new Classifier(new ClassifierOptions { Threshold = threshold }, NullLogger<Classifier>.Instance);

        await classifier.WarmUpAsync(token);
        var results = await classifier.ClassifyAsync(task, new ClassifierContext(new Progress<ScanProgress>(), NullLogger.Instance), token);

        Assert.Empty(ResultsValidator.Validate(results, ["1"])); // The platform's rules.
        Assert.Equal(isDense, Assert.Single(results.ScanResults).GeoJson?.Features.Count > 0);
    }

    public void Dispose() => File.Delete(path);
}
