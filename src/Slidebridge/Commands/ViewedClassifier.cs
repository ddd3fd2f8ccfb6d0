using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.LocalViewing;
using Slidebridge.Sdk;

namespace Slidebridge.Commands;

/// <summary>The classifier of <c>view</c>; with <c>--watch</c>, created again whenever its files are saved, because a program and a model are read when they start.</summary>
sealed class ViewedClassifier : IAsyncDisposable
{
    readonly BridgeBuilder bridge;
    readonly ClassifierOptions options;
    LoneClassifiers? lone;
    RunnableClassifier? classifier;

    /// <exception cref="Classifiers.ClassifierSettingException">There is no such classifier, or it cannot be created.</exception>
    public ViewedClassifier(BridgeBuilder bridge, ClassifierOptions options)
    {
        (this.bridge, this.options) = (bridge, options);
        Create();
        (Name, Files) = (classifier!.Name, classifier.Files);
    }

    public string Name { get; }

    /// <summary>Full paths of its files; empty for a C# class.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The settings of its definition, or null.</summary>
    public JsonObject? Settings { get; private set; }

    void Create()
    {
        lone = new LoneClassifiers(bridge, options);
        (classifier, Settings) = lone.Of(model: null, company: null, []);
    }

    /// <summary>Runs the classifier, with <paramref name="watches"/> until it is cancelled.</summary>
    public async Task RunAsync(IReadOnlyList<Scan> scans, ViewedRun run, bool watches, CancellationToken cancellationToken)
    {
        var saved = new SavedFiles(Files, TimeProvider.System);
        while (true)
        {
            if (classifier is not null) await run.RunAsync(classifier, new ClassificationTask { TaskId = 1, Scans = scans, Settings = Settings }, cancellationToken);
            if (!watches) return;
            await saved.NextAsync(cancellationToken);
            await DisposeAsync();
            try
            {
                Create();
            }
            catch (SlidebridgeException e)
            {
                await run.FailAsync(e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        classifier = null;
        if (lone is not null) await lone.DisposeAsync();
        lone = null;
    }
}
