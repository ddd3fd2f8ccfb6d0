using System.Text.Json.Nodes;
using Slidebridge.Provenance;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>What a classifier is made of, for the record of what made a result.</summary>
/// <param name="kind">The kind: <see cref="ClassifierKind.Name"/>, or <see cref="ClassifierKind.CSharp"/>.</param>
/// <param name="defined">Its definition in <c>slidebridge.json</c>, or null.</param>
sealed class ClassifierIdentity(string kind, ClassifierDefinition? defined)
{
    HashedFiles files = HashedFiles.None;

    /// <summary>The settings of its definition, or null.</summary>
    public JsonObject? Settings => defined?.Settings;

    /// <summary>Full paths of the files that its definition names.</summary>
    public IReadOnlyList<string> Files => [.. defined?.Files.Select(Path.GetFullPath) ?? []];

    /// <summary>Reads the files, before or while the classifier loads them.</summary>
    public async Task ReadAsync(IClassifier classifier, CancellationToken cancellationToken)
    {
        var own = classifier is IMadeOfFiles made ? made.Files : classifier.GetType().Assembly.Location is { Length: > 0 } assembly ? [assembly] : [];
        files = await HashedFiles.ReadAsync([.. own, .. Files], cancellationToken);
    }

    /// <summary>The classifier as it is now.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="classifier">The classifier; it is ready.</param>
    /// <param name="settings">The settings of a task.</param>
    /// <param name="limits">Its limits.</param>
    public ClassifierProvenance Of(string name, IClassifier classifier, JsonObject? settings, ClassifierLimits limits)
    {
        var made = classifier as IMadeOfFiles;
        var version = defined?.Version ?? (made is null ? AssemblyVersion.Of(classifier.GetType().Assembly) : made.Version);
        return new(name, kind, version, files.All, files.Changed(), made?.Server, HiddenSecrets.In(settings), limits.TaskTimeout);
    }
}
