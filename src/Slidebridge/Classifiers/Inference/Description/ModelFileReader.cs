using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>Reads a <see cref="ModelFile"/> from YAML; the labels first, because the report refers to them.</summary>
static class ModelFileReader
{
    // A larger file cannot be a description.
    const long Largest = 1024 * 1024;

    public static ModelFile Read(string path, bool needsModel)
    {
        var file = Path.GetFileName(path);
        var root = new YamlMap(file, "", Parse(path, file));
        var kind = root.OneOf("kind", ("tiles", ModelKind.Tiles), ("segmentation", ModelKind.Segmentation), ("detection", ModelKind.Detection))
            ?? throw root.Missing("kind", "tiles, segmentation or detection");
        var model = Model(root, path, needsModel);
        var labels = Labels(root, kind);
        var input = InputReader.Read(root, kind);
        var read = new ModelFile
        {
            File = file,
            Path = Path.GetFullPath(path),
            Version = root.Text("version"),
            ModelPath = model,
            Name = root.Text("name") ?? Path.GetFileNameWithoutExtension(model ?? path),
            Provider = root.Text("provider") ?? "",
            Ruo = root.Flag("ruo") ?? true,
            Kind = kind,
            Labels = labels,
            Input = input,
            Output = OutputReader.Read(root, kind, labels, input.ChannelsLast),
            Report = new ReportReader(root, kind, labels).Read(),
            Runtime = Runtime(root),
        };
        root.End();
        return read;
    }

    static YamlNode Parse(string path, string file)
    {
        Parser? parser = null;
        try
        {
            if (IsBinary(path)) throw new ModelFileException($"{file} is not a text file. Give the YAML file that describes the model, as in onnx:model.yaml; that file names the model.");
            if (new FileInfo(path).Length > Largest) throw new ModelFileException($"{file} has more than {Largest} bytes, so it cannot be a model's description.");
            using var reader = new StreamReader(path);
            var yaml = new YamlStream();
            parser = new Parser(reader);
            yaml.Load(parser);
            return yaml.Documents.Count == 1 ? yaml.Documents[0].RootNode : throw new ModelFileException($"{file} must contain one YAML document; {yaml.Documents.Count} were found.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFileException($"The file {path} does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException($"{file} cannot be read: {e.Message}", e);
        }
        catch (YamlException e)
        {
            throw new ModelFileException($"{file}, line {e.Start.Line}: invalid YAML: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", e);
        }
        // Some text that is not YAML makes the parser throw this.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new ModelFileException($"{file}, line {parser?.Current?.End.Line ?? 1}: invalid YAML from here on.", e);
        }
    }

    // Someone may have named the model file instead of the file that describes it.
    static bool IsBinary(string path)
    {
        Span<byte> start = stackalloc byte[256];
        using var file = File.OpenHandle(path);
        return start[..RandomAccess.Read(file, start, 0)].ContainsAnyInRange((byte)0, (byte)8);
    }

    static string? Model(YamlMap root, string path, bool needed)
    {
        if (root.Text("model") is not { Length: > 0 } model) return needed ? throw root.Missing("model", "the ONNX file, relative to this one") : null;
        var full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, model));
        return !needed || File.Exists(full) ? full : throw root.Fail("model", $"names a file that does not exist: {model}");
    }

    static ModelLabel[] Labels(YamlMap root, ModelKind kind)
    {
        const string Expected = "a list of labels, each with a name, in the order of the model's classes";
        var labels = new List<ModelLabel>();
        foreach (var map in root.Maps("labels", Expected))
        {
            var name = map.RequiredText("name", "the label's name in results");
            if (name.IndexOfAny(['{', '}', ':']) >= 0) throw map.Wrong("name", "a name without braces and colons");
            if (labels.Any(l => l.Name == name)) throw map.Fail("name", $"occurs twice: {name}");
            labels.Add(new ModelLabel(name, ReadColor(map, "color"), map.Number("threshold", 0, 1, "0 to 1") ?? 0.5, map.Flag("background") ?? false));
            map.End();
        }
        if (labels.Count == 0) throw root.Has("labels") ? root.Wrong("labels", Expected) : root.Missing("labels", Expected);
        return labels.Any(l => !l.IsBackground) ? [.. labels] : throw root.Fail("labels", $"are all background: a {kind} model must find something");
    }

    static RuntimeOptions Runtime(YamlMap root)
    {
        if (root.Map("runtime") is not { } map) return new RuntimeOptions(["cpu"], 0, 1, TimeSpan.FromSeconds(60));
        const string Providers = "a list of ONNX Runtime's execution providers, such as [cuda, cpu]";
        var providers = map.Texts("providers", Providers) ?? ["cpu"];
        if (providers.Count == 0) throw map.Wrong("providers", Providers);
        foreach (var provider in providers)
            if (!RuntimeOptions.KnownProviders.Contains(provider)) throw map.Fail("providers", $"has the unknown provider {provider}; the providers are {string.Join(", ", RuntimeOptions.KnownProviders)}");
        var options = new RuntimeOptions(providers, map.Whole("threads", 0, 1024, "a whole number, 0 for the runtime's choice") ?? 0,
            map.Whole("sessions", 1, 64, "a whole number from 1 to 64") ?? 1, TimeSpan.FromSeconds(map.Number("timeout", 1, 3600, "seconds from 1 to 3600") ?? 60));
        map.End();
        return options;
    }

    internal static string? ReadColor(YamlMap map, string key) =>
        map.Text(key) is not { } color ? null : color.Length == 7 && color[0] == '#' && color.Skip(1).All(char.IsAsciiHexDigit) ? color : throw map.Wrong(key, "a colour such as \"#ff0000\", in quotation marks");
}
