namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>Models whose answers are a known function of the pixels, given as 0 to 1.</summary>
static class SmallModels
{
    /// <summary>The logit of a tile or pixel: above 0 where the mean of red, green and blue is below a half.</summary>
    public const float Steepness = 20;

    /// <summary>How the input lies.</summary>
    /// <param name="ChannelsLast">NHWC.</param>
    /// <param name="IsBgr">Blue first.</param>
    /// <param name="Batch">A fixed batch; −1 for any.</param>
    /// <param name="Bytes">Takes bytes.</param>
    /// <param name="Half">Takes and gives float16.</param>
    public sealed record Form(bool ChannelsLast = false, bool IsBgr = false, long Batch = -1, bool Bytes = false, long Size = -1, bool Half = false);

    /// <summary>A tile's darkness as a logit, [N, 1].</summary>
    public static byte[] Tiles(Form? form = null, float[]? weights = null)
    {
        form ??= new Form();
        var model = new OnnxBuilder();
        var pooled = model.Add("GlobalAveragePool", [Image(model, form)]);
        var logit = Darkness(model, pooled, form, weights);
        if (form.Half) model.Add("Cast", [model.Add("Flatten", [logit])], "score", ("to", (long)OnnxBuilder.Float16));
        else model.Add("Flatten", [logit], "score");
        return model.Output("score", form.Half ? OnnxBuilder.Float16 : OnnxBuilder.Float, form.Batch, 1).Build();
    }

    /// <summary>A tile's darkness and its opposite, [N, 2], as softmax's logits.</summary>
    public static byte[] TwoClasses()
    {
        var model = new OnnxBuilder();
        var logit = Darkness(model, model.Add("GlobalAveragePool", [Image(model, new Form())]), new Form(), null);
        var flat = model.Add("Flatten", [logit]);
        model.Add("Concat", [model.Add("Neg", [flat]), flat], "score", ("axis", 1L));
        return model.Output("score", OnnxBuilder.Float, -1, 2).Build();
    }

    /// <summary>Each pixel's darkness as a logit, [N, 1, H, W], of every <paramref name="factor"/>th pixel.</summary>
    public static byte[] Segmentation(Form? form = null, long factor = 1)
    {
        form ??= new Form();
        var model = new OnnxBuilder();
        var logit = Darkness(model, Image(model, form), form, null);
        if (factor > 1) logit = model.Add("AveragePool", [logit], null, ("kernel_shape", new[] { factor, factor }), ("strides", new[] { factor, factor }));
        if (form.ChannelsLast) model.Add("Transpose", [logit], "mask", ("perm", new long[] { 0, 2, 3, 1 }));
        else model.Add("Identity", [logit], "mask");
        return model.Output("mask", OnnxBuilder.Float, -1, -1, -1, -1).Build();
    }

    /// <summary>Two classes of pixels, dark and light, as softmax's logits or as the class's number.</summary>
    public static byte[] TwoClassSegmentation(bool numbers)
    {
        var model = new OnnxBuilder();
        var logit = Darkness(model, Image(model, new Form()), new Form(), null);
        var both = model.Add("Concat", [model.Add("Neg", [logit]), logit], "mask", ("axis", 1L));
        if (!numbers) return model.Output(both, OnnxBuilder.Float, -1, -1, -1, -1).Build();
        model.Add("ArgMax", [both], "number", ("axis", 1L), ("keepdims", 0L));
        return model.Output("number", OnnxBuilder.Int64, -1, -1, -1).Build();
    }

    /// <summary>
    /// The local maxima of smoothed darkness: the middle of each dark disc, as a box of 12 pixels around it with its darkness as score.
    /// [N, 5, boxes], [N, boxes, 5] or, apart, boxes, scores and classes.
    /// </summary>
    public static byte[] Detection(int edge, bool transposed = false, bool apart = false, float size = 12, bool filledUp = false)
    {
        const long Smooth = 7, Again = 3, Around = 9, Most = 200;
        var model = new OnnxBuilder();
        var dark = model.Add("Conv", [Image(model, new Form()), model.Constant([1, 3, 1, 1], -1 / 3f, -1 / 3f, -1 / 3f), model.Constant([1], 1f)]);
        // Twice, or flat tops would have many highest pixels.
        var smooth = model.Add("AveragePool", [dark], null, ("kernel_shape", new[] { Smooth, Smooth }), ("pads", Pads(Smooth)), ("count_include_pad", 1L));
        smooth = model.Add("AveragePool", [smooth], null, ("kernel_shape", new[] { Again, Again }), ("pads", Pads(Again)), ("count_include_pad", 1L));
        var highest = model.Add("MaxPool", [smooth], null, ("kernel_shape", new[] { Around, Around }), ("pads", Pads(Around)));
        var isPeak = model.Add("Cast", [model.Add("Equal", [smooth, highest])], null, ("to", 1L));
        var peaks = model.Add("Mul", [smooth, isPeak]);
        var flat = model.Add("Reshape", [peaks, model.Constant([2], 0, (long)edge * edge)]);
        var best = model.AddMany("TopK", [flat, model.Constant([1], Most)], ["best", "places"]);
        var x = model.Add("Cast", [model.Add("Mod", [best[1], model.Constant([], (long)edge)])], null, ("to", 1L));
        var y = model.Add("Cast", [model.Add("Div", [best[1], model.Constant([], (long)edge)])], null, ("to", 1L));
        var half = model.Constant([], 0.5f);
        var sides = model.Add("Add", [model.Add("Mul", [best[0], model.Constant([], 0f)]), model.Constant([], size)]);
        var score = best[0];
        // What is nothing has the logarithm of 0, and never reaches a threshold.
        if (filledUp) score = model.Add("Add", [score, model.Add("Log", [model.Add("Cast", [model.Add("Greater", [score, half])], null, ("to", 1L))])]);
        var columns = new[] { model.Add("Add", [x, half]), model.Add("Add", [y, half]), sides, sides, score };
        var wide = columns.Select(c => model.Add("Unsqueeze", [c, model.Constant([1], transposed ? 1L : 2L)])).ToArray();
        var axis = transposed ? 1L : 2L;
        if (!apart)
        {
            model.Add("Concat", wide, "found", ("axis", axis));
            return model.Output("found", OnnxBuilder.Float, -1, -1, -1).Build();
        }
        model.Add("Concat", wide[..4], "boxes", ("axis", axis));
        model.Add("Identity", [score], "scores");
        model.Add("Cast", [model.Add("Mul", [best[1], model.Constant([], 0L)])], "classes", ("to", 7L));
        return model.Output("boxes", OnnxBuilder.Float, -1, -1, 4).Output("scores", OnnxBuilder.Float, -1, -1).Output("classes", OnnxBuilder.Int64, -1, -1).Build();
    }

    /// <summary>Every score is NaN, or infinite.</summary>
    public static byte[] NoNumbers(bool infinite = false)
    {
        var model = new OnnxBuilder();
        var flat = model.Add("Flatten", [model.Add("GlobalAveragePool", [Image(model, new Form())])]);
        var nothing = model.Add("Mul", [flat, model.Constant([], 0f)]);
        model.Add("Div", [infinite ? model.Add("Add", [nothing, model.Constant([], 1f)]) : nothing, nothing], "score");
        return model.Output("score", OnnxBuilder.Float, -1, 3).Build();
    }

    // The image as NCHW floats of 0 to 1.
    static string Image(OnnxBuilder model, Form form)
    {
        var type = form.Bytes ? OnnxBuilder.UInt8 : form.Half ? OnnxBuilder.Float16 : OnnxBuilder.Float;
        var image = form.ChannelsLast ? model.Input("image", type, form.Batch, form.Size, form.Size, 3) : model.Input("image", type, form.Batch, 3, form.Size, form.Size);
        if (form.Bytes) image = model.Add("Div", [model.Add("Cast", [image], null, ("to", 1L)), model.Constant([], 255f)]);
        if (form.Half) image = model.Add("Cast", [image], null, ("to", 1L));
        return form.ChannelsLast ? model.Add("Transpose", [image], null, ("perm", new long[] { 0, 3, 1, 2 })) : image;
    }

    static string Darkness(OnnxBuilder model, string image, Form form, float[]? weights)
    {
        float[] rgb = weights ?? [1 / 3f, 1 / 3f, 1 / 3f];
        if (form.IsBgr) rgb = [rgb[2], rgb[1], rgb[0]];
        return model.Add("Conv", [image, model.Constant([1, 3, 1, 1], [.. rgb.Select(w => -Steepness * w)]), model.Constant([1], Steepness / 2)]);
    }

    static long[] Pads(long kernel) => [kernel / 2, kernel / 2, kernel / 2, kernel / 2];
}
