using System.Text.Json.Nodes;
using Slidebridge.Commands;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class RunCommandTests
{
    static Task<Ran> RunAsync(params string[] arguments) => Ran.AsAsync(RunCommand.Create(Bridge.CreateBuilder([]).AddClassifier<Telling>("telling").AddClassifier<Failing>("failing")), arguments);

    [Fact]
    public async Task Several_slides_are_the_scans_of_one_task_each_with_its_stain_and_its_files()
    {
        using var folder = new TemporaryFolder();
        string first = await SlideAsync(folder, 300), second = await SlideAsync(folder, 200), output = folder.File("out");
        var (code, told, error) = await RunAsync(first, second, "--classifier", "telling", "--stain", "he", "--stain", "2=ki67", "--model", "finder", "--settings", """{"depth": 3}""", "--out", output);

        Assert.True(code == 0, error);
        Assert.Equal(["annotations-1.geojson", "annotations-2.geojson", "overlay-1.png", "overlay-2.png", "results.json"], Directory.GetFiles(output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(Directory.GetFiles(output).Order(StringComparer.Ordinal), told.TrimEnd().Split('\n').Order(StringComparer.Ordinal));
        var results = ResultsJson.Parse(await File.ReadAllBytesAsync(Path.Combine(output, "results.json"), TestContext.Current.CancellationToken));
        Assert.Equal(["1", "2"], results.ScanResults.Select(r => r.ScanId));
        Assert.Equal(["300 he finder 3", "200 ki67 finder 3"], results.ScanResults.Select(r => (string?)r.Results!["summary"]));
    }

    [Fact]
    public async Task The_classifier_the_scans_a_summary_and_the_triage_are_told_beside_the_files()
    {
        using var folder = new TemporaryFolder();
        string first = await SlideAsync(folder, 300), second = await SlideAsync(folder, 200);
        var (code, _, error) = await Ran.AsAsync(RunCommand.Create(Bridge.CreateBuilder([]).AddClassifier<Sorting>("sorting")), first, second, "--out", folder.File("out"));
        Assert.True(code == 0, error);
        foreach (var line in new[]
        {
            $"scan 1: {first}", $"scan 2: {second}", "classifier: sorting, the default; use --classifier for another", "triage: urgent, score 0.9", "case: cells 7",
            "scan 1: many cells; quality control passed; 2 shapes (cell 2)", "scan 2: quality control failed: blurry", "(result-outside-slide)",
        })
            Assert.Contains(line, error, StringComparison.Ordinal);
    }

    sealed class Sorting : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var results = new ResultsBuilder();
            results.Case.Triage("urgent", 0.9).Set("cells", 7);
            results.Scan("1").Summary("many cells").Box(0, 0, 10, 10, "cell").Box(70000, 0, 10, 10, "cell").QcPass();
            results.Scan("2").QcFail("blurry");
            return Task.FromResult(results.Build());
        }
    }

    [Fact]
    public async Task A_folder_stands_for_the_slides_in_it_and_what_is_none_is_told()
    {
        using var folder = new TemporaryFolder();
        await SlideAsync(folder, 300);
        await SlideAsync(folder, 300);
        await File.WriteAllTextAsync(folder.File("notes.txt"), "no slide", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(folder.File("more"));
        var (code, told, error) = await RunAsync(folder.Path, "--classifier", "telling", "--out", folder.File("out"), "--json");

        Assert.True(code == 0, error);
        Assert.Equal(2, JsonNode.Parse(told)!["scanResults"]!.AsArray().Count);
        Assert.Contains("notes.txt is skipped: The first bytes", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_one_slide_of_a_folder_is_a_file_to_its_classifier_also_beside_the_results_of_an_earlier_run()
    {
        using var folder = new TemporaryFolder();
        var slide = await SlideAsync(folder, 300);
        for (var run = 0; run < 2; run++)
        {
            var (code, _, error) = await RunAsync(folder.Path, "--classifier", "telling", "--out", folder.File("out"));
            Assert.True(code == 0, error);
            Assert.Equal(slide, Telling.LastPath);
        }
    }

    [Fact]
    public async Task A_folder_of_one_DICOM_series_is_one_slide_and_one_of_two_is_told_apart()
    {
        using var folder = new TemporaryFolder();
        var tissue = SyntheticTissue.Create(600, 400, 1);
        await tissue.WriteSeriesAsync(folder.File("series"), new DicomSeriesWriterOptions { Pyramid = new PyramidWriterOptions() }, null, TestContext.Current.CancellationToken);
        var (code, told, error) = await RunAsync(folder.File("series"), "--classifier", "telling", "--out", folder.File("out"));
        Assert.True(code == 0, error);
        Assert.Contains("overlay.png", told, StringComparison.Ordinal);

        await SyntheticTissue.Create(500, 300, 2).WriteSeriesAsync(folder.File("other"), new DicomSeriesWriterOptions { Pyramid = new PyramidWriterOptions() }, null, TestContext.Current.CancellationToken);
        foreach (var file in Directory.GetFiles(folder.File("other"))) File.Move(file, Path.Combine(folder.File("series"), "other-" + Path.GetFileName(file)));
        (code, _, error) = await RunAsync(folder.File("series"), "--out", folder.File("out"));
        Assert.Equal(1, code);
        Assert.Contains("Name the folder of each series.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_series_beside_a_slide_is_two_slides_and_those_of_folders_in_the_folder_are_there_too()
    {
        using var folder = new TemporaryFolder();
        await SlideAsync(folder, 300);
        await SyntheticTissue.Create(600, 400, 1).WriteSeriesAsync(folder.File("more"), new DicomSeriesWriterOptions(), null, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("more/notes.txt"), "no slide", TestContext.Current.CancellationToken);
        foreach (var file in Directory.GetFiles(folder.File("more"), "*.dcm")) File.Copy(file, folder.File("0-" + Path.GetFileName(file)));
        var (code, told, error) = await RunAsync(folder.Path, "--classifier", "telling", "--out", folder.File("out"), "--json");
        Assert.True(code == 0, error);
        Assert.Equal(["600   ", "300   ", "600   "], JsonNode.Parse(told)!["scanResults"]!.AsArray().Select(result => (string?)result!["results"]!["summary"]));
        Assert.DoesNotContain("is skipped", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "there is only scan 1", "--stain", "2=he")]
    [InlineData(2, "given twice for all scans", "--stain", "he", "--stain", "ki67")]
    [InlineData(2, "neither VALUE nor SCAN=VALUE", "--stain", "x=he")]
    [InlineData(2, "--settings is not a JSON object", "--settings", "[1]")]
    [InlineData(2, "--settings: not valid JSON at line 1", "--settings", "{")]
    [InlineData(2, "--settings: the key 'a' is there twice", "--settings", "{\"a\":1,\"a\":2}")]
    [InlineData(2, "There is no classifier 'nobody'", "--classifier", "nobody")]
    [InlineData(1, "The classifier failing failed: System.DivideByZeroException", "--classifier", "failing")]
    public async Task What_is_wrong_is_said(int expected, string sentence, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var (code, told, error) = await RunAsync([await SlideAsync(folder, 300), "--out", folder.File("out"), .. arguments]);
        Assert.Equal(expected, code);
        Assert.Empty(told);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("out")));
    }

    [Theory]
    [InlineData("    for tile in scan.tiles(size=64, batch=2):\n        raise AttributeError('deep')", "in look", "AttributeError: deep")]
    [InlineData("    raise ValueError('at once')", "in look", "ValueError: at once")]
    public async Task The_traceback_of_a_Python_classifier_is_told_to_its_end(string body, params string[] told)
    {
        using var folder = new TemporaryFolder();
        var (slide, program) = (await SlideAsync(folder, 300), folder.File("mine.py"));
        await File.WriteAllTextAsync(program, $"import slidebridge\n\ndef look(scan):\n{body}\n\n@slidebridge.classifier\ndef classify(task):\n    look(task.scans[0])\n", TestContext.Current.CancellationToken);
        var (code, _, error) = await RunAsync(slide, "--classifier", "python:" + program, "--python", Programs.Python.Interpreter, "--out", folder.File("out"));
        Assert.Equal(1, code);
        Assert.All(told, part => Assert.Contains(part, error, StringComparison.Ordinal));

        await File.WriteAllTextAsync(program, "import slidebridge\n\ndef broken(:\n", TestContext.Current.CancellationToken);
        (code, _, error) = await RunAsync(slide, "--classifier", "python:" + program, "--python", Programs.Python.Interpreter, "--out", folder.File("out"));
        Assert.Equal(1, code);
        Assert.Contains("line 3", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"focalPlane": 1}""", 0, "plane 1 is shown")]
    [InlineData("""{"focalPlane": 99}""", 1, "focal plane(s), numbered from 0; SlideOptions.FocalPlane is 99")]
    [InlineData("""{"focalPlane": -1}""", 1, "focalPlane must be a whole number from 0 to 4095; it is -1.")]
    public async Task A_setting_chooses_the_focal_plane(string settings, int expected, string sentence)
    {
        using var folder = new TemporaryFolder();
        var (code, _, error) = await RunAsync(SharedFiles.Find("reported/svs_zstack.svs"), "--classifier", "telling", "--settings", settings, "--out", folder.File("out"));
        Assert.Equal(expected, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 2, "--out needs the name of a folder")]
    [InlineData("/proc/nowhere", 1, "This user has no permission to write to /proc/nowhere")]
    public async Task A_folder_that_cannot_be_written_is_told_before_the_classifier_works(string output, int expected, string sentence)
    {
        using var folder = new TemporaryFolder();
        var (code, _, error) = await RunAsync(await SlideAsync(folder, 300), "--classifier", "failing", "--out", output);
        Assert.Equal(expected, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slide_that_cannot_be_read_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("notes.txt"), "no slide", TestContext.Current.CancellationToken);
        var (code, _, error) = await RunAsync(await SlideAsync(folder, 300), folder.File("notes.txt"), "--out", folder.File("out"));
        Assert.Equal(1, code);
        Assert.Contains("notes.txt: The first bytes", error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync("nothing.svs", "--out", folder.File("out"));
        Assert.Equal(1, code);
        Assert.Contains("nothing.svs: The slide's file does not exist.", error, StringComparison.Ordinal);
    }

    static Task<string> SlideAsync(TemporaryFolder folder, int width) => PaintedSlide.WriteAsync(folder, width, 200, (_, _) => PaintedSlide.Eosin);

    sealed class Telling : IClassifier
    {
        public static string? LastPath { get; private set; }

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var results = new ResultsBuilder();
            foreach (var scan in task.Scans)
            {
                var slide = await scan.OpenSlideAsync(cancellationToken);
                Assert.True(Path.Exists(LastPath = await scan.GetLocalPathAsync(cancellationToken)));
                results.Scan(scan.Id).Summary($"{slide.Width} {scan.Stain?.Value} {task.Model} {task.Settings?["depth"]}").Box(0, 0, 10, 10, "corner");
                context.Progress.Report(new ScanProgress(scan.Id, 1));
            }
            return results.Build();
        }
    }

    sealed class Failing : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken) => throw new DivideByZeroException();
    }
}
