using Slidebridge;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

return await Bridge.CreateBuilder(args).AddClassifier<Mine>("mine").RunAsync();

sealed class Mine : IClassifier
{
    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var results = new ResultsBuilder();
        foreach (var scan in task.Scans)
        {
            var slide = await scan.OpenSlideAsync(cancellationToken);
            var pixels = await slide.ReadRegionAsync(new(Level: 0, X: 0, Y: 0, Width: 512, Height: 512), cancellationToken: cancellationToken); // RGB, rows from the top
            results.Scan(scan.Id).Summary($"mean red {pixels.Pixels.Where((_, i) => i % 3 == 0).Average(v => v):0}").Box(0, 0, 512, 512, "tissue");
        }
        return results.Build();
    }
}
