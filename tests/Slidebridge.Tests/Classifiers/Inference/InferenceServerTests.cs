using Slidebridge.Classifiers.Inference;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Sdk;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>A model on a server gives the same as the model here, and what goes wrong there is told with whether it may pass.</summary>
public sealed class InferenceServerTests : IDisposable
{
    const string Yaml = """
        kind: tiles
        input: { size: 32, mpp: 0.5, tissue: 0, batch: 16 }
        output: { activation: sigmoid }
        labels: [{ name: dark }]
        report: { counts: true }
        runtime: { timeout: 2 }
        """;

    readonly ModelFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    Task<string> SlideAsync() => PaintedSlide.WriteAsync(folder.Files, 320, 256, (x, y) => x is >= 64 and < 192 && y < 96 ? ((byte)60, (byte)40, (byte)90) : ((byte)200, (byte)180, (byte)220));

    ModelClassifier Classifier(string model, string yaml = Yaml) => ModelClassifier.InferenceServer($"{model} {folder.Write(yaml)}", new HurriedTime());

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task The_answers_are_those_of_the_model_itself(bool isBinary, bool bytes)
    {
        var (model, slide) = (SmallModels.Tiles(new(Bytes: bytes)), await SlideAsync());
        await using var server = await InferenceServer.StartAsync(model, isBinary);
        await using var classifier = Classifier(server.Model + "/versions/3");
        var there = await ModelFolder.RunAsync(classifier, slide);
        var here = await folder.RunAsync(folder.Write(model, "model: model.onnx\n" + Yaml), slide);
        foreach (var name in new[] { "dark.count", "dark.max", "dark.mean", "dark.area" }) Assert.Equal(ModelFolder.Value(here, name), ModelFolder.Value(there, name));
        Assert.Equal(12, ModelFolder.Value(there, "dark.count"));
        Assert.Equal(1 + 5, server.Inferences); // A blank batch first.
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_without_binary_tensors_is_remarked_on(bool isBinary)
    {
        await using var server = await InferenceServer.StartAsync(SmallModels.Tiles(), isBinary);
        await using var model = new InferenceServerModel(ModelFile.Read(folder.Write(Yaml), needsModel: false), ModelAddress.TryParse(server.Model)!, TimeProvider.System);
        await model.LoadAsync(Token);
        Assert.Equal(isBinary, model.Remark is null);
    }

    [Fact]
    public async Task A_server_that_is_away_may_come_back()
    {
        var port = InferenceServer.FreePort();
        await using var classifier = Classifier($"http://127.0.0.1:{port}/v2/models/dark");
        var away = await Assert.ThrowsAsync<ClassifierException>(() => classifier.WarmUpAsync(Token));
        Assert.True(away.IsTransient);
        Assert.StartsWith($"The model server at 127.0.0.1:{port} gave no answer: ", away.Message);
        await using var server = await InferenceServer.StartAsync(SmallModels.Tiles(), port: port);
        await classifier.WarmUpAsync(Token);
    }

    [Fact]
    public async Task A_model_that_is_not_ready_may_become_so()
    {
        await using var server = await InferenceServer.StartAsync(SmallModels.Tiles());
        server.Fault = request => request.Path == "/v2/models/dark/ready" ? (400, """{"error": "still loading"}""") : null;
        await using var classifier = Classifier(server.Model);
        var failure = await Assert.ThrowsAsync<ClassifierException>(() => classifier.WarmUpAsync(Token));
        Assert.True(failure.IsTransient);
        Assert.Contains("answered 400: still loading. So the model 'dark' is not ready on the server.", failure.Message);
        server.Fault = _ => null;
        await classifier.WarmUpAsync(Token);
    }

    [Fact]
    public async Task A_batch_that_meets_503_is_tried_again()
    {
        await using var server = await InferenceServer.StartAsync(SmallModels.Tiles());
        await using var classifier = Classifier(server.Model);
        await classifier.WarmUpAsync(Token);
        var slide = await SlideAsync();
        var faults = 2;
        server.Fault = _ => faults-- > 0 ? (503, "overloaded") : null;
        Assert.Equal(12, ModelFolder.Value(await ModelFolder.RunAsync(classifier, slide), "dark.count"));
        server.Fault = _ => (503, "overloaded");
        var failure = await Assert.ThrowsAsync<ClassifierException>(() => ModelFolder.RunAsync(classifier, slide));
        Assert.True(failure.IsTransient);
        Assert.Contains("answered 503: overloaded.", failure.Message);
    }

    [Fact]
    public async Task A_refusal_is_final_and_told_in_the_servers_words()
    {
        await using var server = await InferenceServer.StartAsync(SmallModels.Tiles());
        await using var classifier = Classifier(server.Model);
        await classifier.WarmUpAsync(Token);
        var asked = 0;
        server.Fault = _ =>
        {
            asked++;
            return (400, """{"error": "unexpected shape for input 'image'"}""");
        };
        var failure = await Assert.ThrowsAsync<ClassifierException>(async () => await ModelFolder.RunAsync(classifier, await SlideAsync()));
        Assert.False(failure.IsTransient);
        Assert.Contains("answered 400: unexpected shape for input 'image'.", failure.Message);
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData("rubbish", "an answer that does not follow the Open Inference Protocol")]
    [InlineData("""{"outputs": []}""", "The model returned no output 'score'")]
    [InlineData("""{"outputs": [{"name": "score", "datatype": "FP32", "shape": [16, 1], "data": [1, 2]}]}""", "has 2 numbers, but its shape says 16")]
    [InlineData("""{"outputs": [{"name": "score", "datatype": "FP32", "shape": [1, 16], "data": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]}]}""", "[1, 16]; it must be [16, 1]")]
    [InlineData("""{"outputs": [{"name": "score", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 100}}]}""", "has fewer bytes than it says")]
    public async Task An_answer_that_is_none_is_told(string answer, string words)
    {
        await using var server = await InferenceServer.StartAsync(SmallModels.Tiles());
        server.Fault = request => request.Path.Value!.EndsWith("/infer", StringComparison.Ordinal) ? (200, answer) : null;
        await using var classifier = Classifier(server.Model);
        Assert.Contains(words, (await Assert.ThrowsAsync<ClassifierException>(() => classifier.WarmUpAsync(Token))).Message);
    }

    [Fact]
    public async Task A_model_of_other_tiles_is_told_with_what_it_wants()
    {
        await using var server = await InferenceServer.StartAsync(SmallModels.Tiles(new(Size: 64)));
        await using var classifier = Classifier(server.Model);
        Assert.Contains("needs tiles of 64×64, but the file says 32×32", (await Assert.ThrowsAsync<ClassifierException>(() => classifier.WarmUpAsync(Token))).Message);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8000/v2/models/dark")]
    [InlineData("model.yaml")]
    [InlineData("127.0.0.1:8000/v2/models/dark model.yaml")]
    [InlineData("http://127.0.0.1:8000/v1/models/dark model.yaml")]
    [InlineData("http://127.0.0.1:8000/v2/models/dark/infer model.yaml")]
    [InlineData("http://127.0.0.1:8000/v2/models/dark?token=1 model.yaml")]
    public void An_argument_that_is_none_is_told_how_it_should_be(string argument)
    {
        var failure = Assert.Throws<ModelFileException>(() => ModelClassifier.InferenceServer(argument));
        Assert.Contains("as in kserve:http://host:8000/v2/models/tumour tumour.yaml", failure.Message);
        Assert.DoesNotContain("token=1", failure.Message);
    }

    /// <summary>Pauses take no time.</summary>
    sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : dueTime, period);
    }

    public void Dispose() => folder.Dispose();
}
