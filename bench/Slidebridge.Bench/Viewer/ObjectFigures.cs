namespace Slidebridge.Bench.Viewer;

/// <summary>What a result's objects cost.</summary>
/// <param name="Polygons">Polygons of the result.</param>
/// <param name="ResultMegabytes">Its JSON.</param>
/// <param name="IndexSeconds">The first request for the objects: the result is read from the database and its index is made.</param>
/// <param name="IndexProcessorSeconds">The bridge's processor time for that.</param>
/// <param name="IndexMegabytes">The index on disk.</param>
/// <param name="FramesPerSecond">While the view moves, by scale.</param>
/// <param name="PageMegabytes">Memory of the page's process, after all of that.</param>
/// <param name="SoftwareRendererMegabytes">Memory of Chromium's GPU process, which draws by SwiftShader.</param>
/// <param name="BridgePeakMegabytes">The most memory that the bridge has held so far.</param>
/// <param name="LargestTile">Bytes of the largest tile of objects that the page fetched.</param>
sealed record ObjectFigures(
    int Polygons, double ResultMegabytes, double IndexSeconds, double IndexProcessorSeconds, double IndexMegabytes, IReadOnlyDictionary<string, double> FramesPerSecond,
    double PageMegabytes, double SoftwareRendererMegabytes, double BridgePeakMegabytes, long LargestTile);
