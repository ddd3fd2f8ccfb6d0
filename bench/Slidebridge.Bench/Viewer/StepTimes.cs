namespace Slidebridge.Bench.Viewer;

/// <summary>One step of a person at the viewer, measured several times. Milliseconds.</summary>
/// <param name="Slide">The slide's size in megabytes.</param>
/// <param name="Polygons">Polygons of the result.</param>
/// <param name="Step">What was done.</param>
/// <param name="SlideMedian">Until the slide's field was drawn.</param>
/// <param name="Slide95">The 95th percentile of that.</param>
/// <param name="ObjectsMedian">Until the objects were drawn too.</param>
/// <param name="Objects95">The 95th percentile of that.</param>
/// <param name="Processor">The bridge's processor time, the median.</param>
/// <param name="Requests">Requests of the bridge to the slides' server, the median.</param>
sealed record StepTimes(int Slide, int Polygons, string Step, double SlideMedian, double Slide95, double ObjectsMedian, double Objects95, double Processor, double Requests);

/// <summary>Measures steps, and what they cost the bridge.</summary>
sealed class StepWatch(ViewerSite site)
{
    sealed record Measured(string Step, FieldTimes Times, double Processor, long Requests);

    readonly List<Measured> all = [];

    /// <summary>Does a step.</summary>
    /// <param name="step">Its name.</param>
    /// <param name="doAsync">The step.</param>
    public async Task RunAsync(string step, Func<Task<FieldTimes>> doAsync)
    {
        var (processor, requests) = (site.Bridge.ProcessorTime, site.Slides.Served.Requests);
        var times = await doAsync();
        all.Add(new Measured(step, times, (site.Bridge.ProcessorTime - processor).TotalMilliseconds, site.Slides.Served.Requests - requests));
    }

    /// <summary>Forgets what was measured: the bridge was still warming up.</summary>
    public void Forget() => all.Clear();

    /// <summary>The steps in the order in which they were first done.</summary>
    public IEnumerable<StepTimes> Of(int slide, int polygons) => all.GroupBy(each => each.Step).Select(step => new StepTimes(
        slide, polygons, step.Key, At(step, 0.5, each => each.Times.Slide), At(step, 0.95, each => each.Times.Slide), At(step, 0.5, each => each.Times.Objects), At(step, 0.95, each => each.Times.Objects),
        At(step, 0.5, each => each.Processor), At(step, 0.5, each => each.Requests)));

    static double At(IEnumerable<Measured> step, double part, Func<Measured, double> value)
    {
        var sorted = step.Select(value).Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)(part * sorted.Count))];
    }
}
