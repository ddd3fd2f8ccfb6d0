using Slidebridge.Classifiers.Inference;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>A model's file says what is wrong with it, where, and what would be right.</summary>
public sealed class ModelFileTests : IDisposable
{
    const string Yaml = """
        model: model.onnx
        kind: detection
        input:
          size: 64
          mpp: 0.5
          overlap: 16
        output: { name: found, format: xyxy }
        labels:
          - { name: mitosis, color: "#ff0000", threshold: 0.6 }
          - { name: other }
        report:
          counts: true
        """;

    readonly ModelFolder folder = new();

    [Theory]
    [InlineData("kind: detection", "kind: guess", 2, "kind must be one of tiles, segmentation, detection; 'guess' was found")]
    [InlineData("kind: detection\n", "", 1, "kind is missing")]
    [InlineData("size: 64", "size: 0", 4, "input.size must be pixels from 1 to 8192")]
    [InlineData("size: 64", "size: [64]", 4, "input.size must be pixels from 1 to 8192")]
    [InlineData("mpp: 0.5", "mpp: fine", 5, "input.mpp must be micrometres per pixel, from 0.01 to 1000; 'fine' was found")]
    [InlineData("mpp: 0.5", "mppp: 0.5", 4, "input.mpp is missing")]
    [InlineData("mpp: 0.5", "{ mpp: 0.5", 4, "invalid YAML")]
    [InlineData("overlap: 16", "overlap: 33", 6, "input.overlap must be a whole number of pixels, at most half a tile")]
    [InlineData("overlap: 16", "overlap: 16\n  level: 1", 7, "input.level is a second resolution")]
    [InlineData("overlap: 16", "overlap: 16\n  colour: RGB", 7, "input.colour is an unknown key; the keys are allowUpsampling, batch, channels")]
    [InlineData("overlap: 16", "std: 0", 6, "input.std must be above 0")]
    [InlineData("overlap: 16", "mean: [1, 2]", 6, "input.mean must be a number, or three")]
    [InlineData("format: xyxy", "format: corners", 7, "output.format must be one of xyxy, cxcywh, xywh")]
    [InlineData("format: xyxy", "format: xyxy, activation: softmax, classes: c", 7, "output.scores is missing")]
    [InlineData("name: mitosis, color: \"#ff0000\"", "name: mitosis, color: red", 9, "labels[0].color must be a colour such as \"#ff0000\"")]
    [InlineData("threshold: 0.6", "threshold: 60", 9, "labels[0].threshold must be 0 to 1; '60' was found")]
    [InlineData("name: other", "name: mitosis", 10, "labels[1].name occurs twice: mitosis")]
    [InlineData("counts: true", "polygons: true", 12, "report.polygons are only for tiles and segmentation")]
    [InlineData("counts: true", "counts: yes please", 12, "report.counts must be true or false")]
    [InlineData("counts: true", "heatmap: { label: tumour, levels: [] }", 12, "report.heatmap.label names the unknown label tumour; the labels are mitosis, other")]
    [InlineData("counts: true", "heatmap: { label: mitosis, levels: [{ from: 2, color: \"#ffffff\" }, { from: 1, color: \"#ffffff\" }] }", 12, "report.heatmap.levels[1].from must be a number above the previous level's")]
    [InlineData("counts: true", "boxes: { labels: [tumour] }", 12, "report.boxes.labels names the unknown label")]
    [InlineData("counts: true", "summary: \"{mitosis.cout}\"", 12, "names the unknown measure mitosis.cout; the measures are mitosis.count, ")]
    [InlineData("counts: true", "summary: \"{mitosis.count\"", 12, "has an unmatched brace")]
    [InlineData("counts: true", "workflow: { type: Pie }", 12, "report.workflow.type must be one of Basic, RegionCounting")]
    [InlineData("counts: true", "workflow: { type: TumorCellularity }", 12, "report.workflow.positive is missing")]
    [InlineData("counts: true", "triage: [{ measure: mitosis.area, category: urgent }]", 12, "report.triage[0].measure names the unknown measure")]
    [InlineData("counts: true", "triage: [{ category: urgent }]", 12, "report.triage[0].score is missing")]
    [InlineData("counts: true", "counts: true\nruntime: { providers: [gpu] }", 13, "runtime.providers has the unknown provider gpu; the providers are cpu, cuda")]
    [InlineData("counts: true", "counts: true\nextra: 1", 13, "extra is an unknown key")]
    public void Every_mistake_is_told_with_its_line_and_key(string right, string wrong, int line, string words)
    {
        var yaml = Yaml.ReplaceLineEndings("\n");
        Assert.Contains(right, yaml);
        var path = folder.Write(SmallModels.Tiles(), yaml.Replace(right, wrong));
        var failure = Assert.Throws<ModelFileException>(() => ModelClassifier.Onnx(path));
        Assert.Contains(words, failure.Message);
        Assert.StartsWith($"model.yaml, line {line}: ", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void A_model_in_place_of_its_description_is_told()
    {
        folder.Write(SmallModels.Tiles(), Yaml);
        Assert.StartsWith("model.onnx is not a text file. Give the YAML file", Assert.Throws<ModelFileException>(() => ModelClassifier.Onnx(folder.Files.File("model.onnx"))).Message);
    }

    [Fact]
    public void A_file_or_a_model_that_is_not_there_is_told()
    {
        Assert.Contains("does not exist", Assert.Throws<ModelFileException>(() => ModelClassifier.Onnx(folder.Files.File("none.yaml"))).Message);
        var path = folder.Write(Yaml);
        Assert.Contains("line 1: model names a file that does not exist: model.onnx", Assert.Throws<ModelFileException>(() => ModelClassifier.Onnx(path)).Message);
    }

    [Fact]
    public void A_provider_that_this_build_has_not_is_told_with_those_it_has()
    {
        var path = folder.Write(SmallModels.Tiles(), Yaml + "\nruntime: { providers: [tensorrt, cpu] }");
        Assert.Contains("names tensorrt, which this build of ONNX Runtime does not have; it has cpu", Assert.Throws<ModelFileException>(() => ModelClassifier.Onnx(path)).Message);
    }

    [Theory]
    [InlineData("", "scores", "input.size: the model's input image [?, 3, 96, 96] needs tiles of 96×96, but the file says 64×64")]
    [InlineData("\n  name: picture", "found", "input: the model has no input 'picture'; it has image [?, 3, 96, 96]")]
    public async Task A_model_that_does_not_fit_its_file_is_told_when_it_is_loaded(string input, string output, string words)
    {
        var yaml = Yaml.Replace("size: 64", $"size: 64{input}").Replace("name: found", $"name: {output}");
        Assert.Contains(words, await WarmAsync(SmallModels.Tiles(new(Size: 96)), yaml));
    }

    [Fact]
    public async Task What_only_an_answer_shows_is_told_when_it_is_loaded()
    {
        const string Tiles = """
            model: model.onnx
            kind: tiles
            input: { size: 64, mpp: 0.5 }
            output: { activation: sigmoid }
            labels: [{ name: a }, { name: b }]
            report: { counts: true }
            """;
        Assert.Contains("the output 'score' has the shape [16, 1]; it must be [16, 2]", await WarmAsync(SmallModels.Tiles(), Tiles));
        Assert.Contains("'mask' has the shape [16, 1, 64, 64]; it must be", await WarmAsync(SmallModels.Segmentation(), Tiles.Replace("kind: tiles", "kind: segmentation")));
        Assert.Contains("the model has no output 'mask'; it has score", await WarmAsync(SmallModels.Tiles(), Tiles.Replace("{ activation", "{ name: mask, activation")));
        Assert.Contains("has 64 channels, but must have 3: should the layout be NCHW?", await WarmAsync(SmallModels.Tiles(new(Size: 64)).ToArray(), Tiles.Replace("size: 64", "size: 3, layout: NHWC")));
        Assert.Contains("takes bytes, which are not scaled", await WarmAsync(SmallModels.Tiles(new(Bytes: true)), Tiles.Replace("size: 64", "size: 64, scale: 1/255")));
        Assert.Contains("'found' has the shape [16, 200, 5]; it must be [16, boxes, 6] or [16, 6, boxes]", await WarmAsync(SmallModels.Detection(64), Yaml));
        Assert.Contains("the model has 3 outputs (boxes [", await WarmAsync(SmallModels.Detection(64, apart: true), Yaml.Replace("name: found, ", "")));
        Assert.Contains("it must be [16, 200, 2], or [16, 200] with output.classes", await WarmAsync(SmallModels.Detection(64, apart: true), Yaml.Replace("name: found", "boxes: boxes, scores: scores")));
        Assert.Contains("the model cannot be loaded", await WarmAsync([1, 2, 3], Tiles));
    }

    async Task<string> WarmAsync(byte[] model, string yaml)
    {
        await using var classifier = ModelClassifier.Onnx(folder.Write(model, yaml));
        var failure = await Assert.ThrowsAsync<ClassifierException>(() => classifier.WarmUpAsync(TestContext.Current.CancellationToken));
        Assert.False(failure.IsTransient);
        return failure.Message;
    }

    public void Dispose() => folder.Dispose();
}
