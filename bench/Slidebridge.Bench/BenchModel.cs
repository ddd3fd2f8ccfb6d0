using Slidebridge.Tests.Classifiers.Inference;

namespace Slidebridge.Bench;

/// <summary>A classifier of tiles of a plain convolutional network with random weights, of the size of the small ones that are used on slides: 0.4 GMAC a tile.</summary>
static class BenchModel
{
    public static async Task<string> WriteAsync(string folder, int threads, int sessions, CancellationToken cancellationToken)
    {
        await File.WriteAllBytesAsync(Path.Combine(folder, "bench.onnx"), Build(), cancellationToken);
        var yaml = Path.Combine(folder, "bench.yaml");
        await File.WriteAllTextAsync(yaml, $$"""
            model: bench.onnx
            kind: tiles
            input: { size: 256, mpp: 0.5, tissue: 0.05, batch: 16, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
            output: { activation: softmax }
            labels: [{ name: normal, background: true }, { name: tumour, color: "#ff0000" }]
            report: { counts: true, heatmap: { label: tumour, levels: [{ from: 0.3, color: "#ffee00" }, { from: 0.6, color: "#ff0000" }] } }
            runtime: { threads: {{threads}}, sessions: {{sessions}} }
            """, cancellationToken);
        return yaml;
    }

    static byte[] Build()
    {
        var (model, random) = (new OnnxBuilder(), new Random(1));
        var at = model.Input("image", OnnxBuilder.Float, -1, 3, 256, 256);
        var channels = 3;
        foreach (var (wide, stride) in new[] { (24, 2L), (48, 2L), (64, 1L), (96, 2L), (128, 1L), (160, 2L), (192, 1L) })
        {
            var weights = new float[wide * channels * 9];
            for (var i = 0; i < weights.Length; i++) weights[i] = (float)((random.NextDouble() - 0.5) * Math.Sqrt(24.0 / (channels * 9)));
            at = model.Add("Conv", [at, model.Constant([wide, channels, 3, 3], weights)], null, ("kernel_shape", Square(3)), ("strides", Square(stride)), ("pads", new long[] { 1, 1, 1, 1 }));
            at = model.Add("Relu", [at]);
            channels = wide;
        }
        var flat = model.Add("Flatten", [model.Add("GlobalAveragePool", [at])]);
        var last = new float[channels * 2];
        for (var i = 0; i < last.Length; i++) last[i] = (float)(random.NextDouble() - 0.5);
        model.Add("MatMul", [flat, model.Constant([channels, 2], last)], "score");
        return model.Output("score", OnnxBuilder.Float, -1, 2).Build();
    }

    static long[] Square(long edge) => [edge, edge];
}
