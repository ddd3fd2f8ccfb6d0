using Slidebridge.Classifiers.Inference;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A kind of classifier that is not written in C#: <c>name:argument</c>.</summary>
/// <param name="Name">The text before the colon.</param>
/// <param name="Argument">A placeholder for the text after the colon, for the help.</param>
/// <param name="IsProgram">Each of its tasks runs in a separate process, with its own copy of the model.</param>
/// <param name="Make">Creates the classifier of an argument; throws <see cref="ClassifierSettingException"/> if it cannot be created.</param>
sealed record ClassifierKind(string Name, string Argument, bool IsProgram, Func<string, ClassifierLimits, IServiceProvider, IClassifier> Make)
{
    /// <summary>The kind of a class, in the record of what made a result.</summary>
    public const string CSharp = "csharp";

    public static readonly IReadOnlyList<ClassifierKind> All =
    [
        new("python", "FILE", true, (file, limits, services) => new ProgramClassifier(Host(services), PythonProgram.Classifier(file, limits.Python), limits, Time(services))),
        new("devkit", "FILE", true, (file, limits, services) => new ProgramClassifier(Host(services), PythonProgram.DevKit(file, limits.Python), limits, Time(services))),
        new("exec", "COMMAND", true, (command, limits, services) => new ProgramClassifier(Host(services), ProgramCommand.Of(command), limits, Time(services))),
        new("one-shot", "COMMAND", true, (command, limits, services) => new OneShotClassifier(Host(services), ProgramCommand.Of(command), limits)),
        new("onnx", "FILE", false, (file, _, _) => ModelClassifier.Onnx(file)),
        new("kserve", "URL FILE", false, (model, _, services) => ModelClassifier.InferenceServer(model, Time(services))),
    ];

    /// <summary>The kind of a classifier's text; null if the text has no known kind.</summary>
    public static ClassifierKind? Of(string use, out string argument)
    {
        var colon = use.IndexOf(':', StringComparison.Ordinal);
        argument = colon < 0 ? "" : use[(colon + 1)..].Trim();
        return colon < 0 ? null : All.FirstOrDefault(k => k.Name == use[..colon]);
    }

    /// <summary>The kind that a file without one probably has, from its name and folder; null if it is not a file.</summary>
    public static ClassifierKind? OfFile(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".py" => Named("python"),
        ".yaml" or ".yml" => Named("onnx"),
        _ => File.Exists(path) ? Named("exec") : null,
    };

    static ClassifierKind Named(string name) => All.First(kind => kind.Name == name);

    static ProgramHost Host(IServiceProvider services) => services.GetRequiredService<ProgramHost>();

    static TimeProvider Time(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;

    /// <summary>The name for logs and metrics: without folders, and without a command's arguments, which may contain a secret.</summary>
    public string ShortNameOf(string argument) =>
        $"{Name}:{Path.GetFileName(argument.Split(' ', 2)[0].TrimEnd('/'))}";
}
