using Slidebridge.Slides;

await using var slide = await Slide.OpenAsync(args[0]); // a file, a folder with a DICOM series, a zip, a URL
Console.WriteLine($"{slide.Format}, {slide.Width} × {slide.Height} pixels, {slide.Mpp?.X} µm a pixel, levels: {slide.Levels.Count}");

var grid = new TileGrid { Width = 224, Height = 224, Downsample = 2, Mask = await TissueMask.DetectAsync(slide) };
var red = new List<double>();
await foreach (var tile in slide.ReadTilesAsync(grid)) // decoded in parallel ahead of this loop; RGB, rows from the top
    using (tile)
        red.Add(tile.Pixels.ToArray().Where((_, i) => i % 3 == 0).Average(value => value));
Console.WriteLine($"{red.Count} tiles of tissue, mean red {red.DefaultIfEmpty().Average():0}; {slide.Usage.BytesRead / 1000} KB read in {slide.Usage.Requests} requests");
