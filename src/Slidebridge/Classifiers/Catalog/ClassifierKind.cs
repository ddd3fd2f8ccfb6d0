using Slidebridge.Classifiers.Inference;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A way to bring a classifier that is not written in C#: <c>name:argument</c>.</summary>
/// <param name="Name">What stands before the colon.</param>
/// <param name="Argument">What stands after it, for the help.</param>
/// <param name="IsProgram">Each task that it works on is in a process of its own, with a model of its own.</param>
/// <param name="Make">Makes the classifier of an argument; throws <see cref="ClassifierSettingException"/> for one that cannot be.</param>
sealed record ClassifierKind(string Name, string Argument, bool IsProgram, Func<string, ClassifierLimits, IServiceProvider, IClassifier> Make)
{
    public static readonly IReadOnlyList<ClassifierKind> All =
    [
        new("python", "FILE", true, (file, limits, services) => new ProgramClassifier(Host(services), PythonProgram.Classifier(file, limits.Python), limits, Time(services))),
        new("devkit", "FILE", true, (file, limits, services) => new ProgramClassifier(Host(services), PythonProgram.DevKit(file, limits.Python), limits, Time(services))),
        new("exec", "COMMAND", true, (command, limits, services) => new ProgramClassifier(Host(services), ProgramCommand.Of(command), limits, Time(services))),
        new("one-shot", "COMMAND", true, (command, limits, services) => new OneShotClassifier(Host(services), ProgramCommand.Of(command), limits)),
        new("onnx", "FILE", false, (file, _, _) => ModelClassifier.Onnx(file)),
        new("kserve", "URL FILE", false, (model, _, services) => ModelClassifier.InferenceServer(model, Time(services))),
    ];

    /// <summary>The kind of what a classifier is said to be; null where it is no kind's.</summary>
    public static ClassifierKind? Of(string use, out string argument)
    {
        var colon = use.IndexOf(':', StringComparison.Ordinal);
        argument = colon < 0 ? "" : use[(colon + 1)..].Trim();
        return colon < 0 ? null : All.FirstOrDefault(k => k.Name == use[..colon]);
    }

    /// <summary>The kind that a file without one is probably of, by its name and its place; null where it is no file.</summary>
    public static ClassifierKind? OfFile(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".py" => Named("python"),
        ".yaml" or ".yml" => Named("onnx"),
        _ => File.Exists(path) ? Named("exec") : null,
    };

    static ClassifierKind Named(string name) => All.First(kind => kind.Name == name);

    static ProgramHost Host(IServiceProvider services) => services.GetRequiredService<ProgramHost>();

    static TimeProvider Time(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;

    /// <summary>What logs and metrics call it: without a command's arguments, which may hold a secret, and without folders.</summary>
    public string ShortNameOf(string argument) =>
        $"{Name}:{Path.GetFileName(argument.Split(' ', 2)[0].TrimEnd('/'))}";
}
