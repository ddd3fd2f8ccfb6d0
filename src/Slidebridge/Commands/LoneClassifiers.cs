using System.Text.Json.Nodes;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Techcyte;

namespace Slidebridge.Commands;

/// <summary>The classifiers of a command that runs one without a bridge.</summary>
sealed class LoneClassifiers : IAsyncDisposable
{
    readonly ServiceProvider provider;

    /// <param name="bridge">The classifiers that were added.</param>
    /// <param name="options">The classifiers' options.</param>
    /// <param name="platform">The platform, for commands that talk to it.</param>
    public LoneClassifiers(BridgeBuilder bridge, ClassifierOptions options, PlatformOptions? platform = null)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton(options).AddSingleton(_ => new ProgramHost(options.Programs)).AddSingleton<Router>().AddSingleton<ClassifierCatalog>();
        if (platform is not null) services.AddSingleton(platform).AddPlatformClient();
        bridge.AddTo(services);
        provider = services.BuildServiceProvider();
    }

    /// <summary>The classifiers, what starts programs, and the platform's client.</summary>
    public IServiceProvider Services => provider;

    public PlatformClient Platform => provider.GetRequiredService<PlatformClient>();

    /// <summary>The classifier and the settings for a task.</summary>
    /// <exception cref="NoRouteException">No rule matches the task.</exception>
    /// <exception cref="ClassifierSettingException">There is no classifier of this name, or it cannot be created.</exception>
    public (RunnableClassifier Classifier, JsonObject? Settings) Of(string? model, string? company, IReadOnlyCollection<Stain?> stains)
    {
        var route = provider.GetRequiredService<Router>().Choose(model, company, stains);
        var classifier = provider.GetRequiredService<ClassifierCatalog>().Get(route.Classifier);
        return (classifier, Router.SettingsOf(classifier.Settings, route.Settings));
    }

    /// <summary>The classifier of a name.</summary>
    public RunnableClassifier Get(string name) => provider.GetRequiredService<ClassifierCatalog>().Get(name);

    /// <summary>Classifies a task within the classifier's time limit.</summary>
    public static async Task<TaskResults> ClassifyAsync(RunnableClassifier classifier, ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken); // Not disposed: a classifier that does not end may still use it.
        return await classifier.EndingSoonAfterAsync(classifier.ClassifyAsync(task, context, ending), ending.Token, cancellationToken);
    }

    public ValueTask DisposeAsync() => provider.DisposeAsync();
}
