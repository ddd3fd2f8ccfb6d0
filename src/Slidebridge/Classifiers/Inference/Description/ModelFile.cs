namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>What a model returns.</summary>
enum ModelKind
{
    /// <summary>Scores of each tile as a whole.</summary>
    Tiles,

    /// <summary>Scores of each pixel.</summary>
    Segmentation,

    /// <summary>Boxes with scores.</summary>
    Detection,
}

/// <summary>A model's description file, <c>model.yaml</c>: its input, its output, and its report. docs/classifiers/onnx.md explains every key.</summary>
sealed record ModelFile
{
    /// <summary>The file's name without a folder, for messages.</summary>
    public required string File { get; init; }

    /// <summary>The file's full path.</summary>
    public required string Path { get; init; }

    /// <summary>The model's version; null if the file states none.</summary>
    public string? Version { get; init; }

    /// <summary>The ONNX file's full path; null if a model server has the model.</summary>
    public string? ModelPath { get; init; }

    /// <summary>The model's name, as reports show it.</summary>
    public required string Name { get; init; }

    /// <summary>Who provides it.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Research use only.</summary>
    public bool Ruo { get; init; } = true;

    public required ModelKind Kind { get; init; }

    public required ModelInput Input { get; init; }

    public required ModelOutput Output { get; init; }

    /// <summary>In the order of the model's classes; at least one is not background.</summary>
    public required IReadOnlyList<ModelLabel> Labels { get; init; }

    public required ReportOptions Report { get; init; }

    public required RuntimeOptions Runtime { get; init; }

    /// <summary>The labels that are reported, with their numbers.</summary>
    public IEnumerable<(int Index, ModelLabel Label)> Foreground => Labels.Index().Where(l => !l.Item.IsBackground);

    /// <summary>Reads and checks a file.</summary>
    /// <param name="path">The YAML.</param>
    /// <param name="needsModel">The file must name an existing model file.</param>
    /// <exception cref="ModelFileException">The file is invalid; the message says where and why.</exception>
    public static ModelFile Read(string path, bool needsModel) => ModelFileReader.Read(path, needsModel);
}

/// <summary>A class of the model.</summary>
/// <param name="Name">The label's name in results; also the type of its annotations.</param>
/// <param name="Color">Six hexadecimal digits such as <c>#ff0000</c>, or null.</param>
/// <param name="Threshold">The minimum score of a finding.</param>
/// <param name="IsBackground">The label is never reported.</param>
sealed record ModelLabel(string Name, string? Color, double Threshold, bool IsBackground)
{
    /// <summary>The number of the reported label with a name; −1 if there is none.</summary>
    public static int Find(IReadOnlyList<ModelLabel> labels, string name)
    {
        for (var i = 0; i < labels.Count; i++)
            if (labels[i].Name == name && !labels[i].IsBackground) return i;
        return -1;
    }
}
