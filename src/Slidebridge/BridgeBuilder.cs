using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Samples;
using Slidebridge.Classifiers.Samples.Focus;
using Slidebridge.Classifiers.Samples.Nuclei;
using Slidebridge.Commands;
using Slidebridge.Sdk;

namespace Slidebridge;

/// <summary>Collects the classifiers and their services, then runs the command that the arguments name.</summary>
public sealed class BridgeBuilder
{
    /// <summary>The sample that draws four fixed boxes, to test the set-up end to end.</summary>
    internal const string Boxes = "boxes";

    readonly string[] args;

    internal BridgeBuilder(string[] args)
    {
        this.args = args;
        AddClassifier<BoxesClassifier>(Boxes).AddClassifier<TissueClassifier>("tissue").AddClassifier<NucleiClassifier>("nuclei").AddClassifier<FocusClassifier>("focus");
        DefaultClassifier = Boxes;
    }

    /// <summary>Services that a classifier's constructor may ask for.</summary>
    public IServiceCollection Services { get; } = new ServiceCollection();

    /// <summary>The classifier that runs if <c>--classifier</c> is not set: the last one added.</summary>
    internal string DefaultClassifier { get; set; }

    /// <summary>Adds a classifier. One instance serves the whole process.</summary>
    /// <typeparam name="T">The classifier; its constructor may ask for <see cref="Services"/> and a logger.</typeparam>
    /// <param name="name">The name for <c>--classifier</c>.</param>
    public BridgeBuilder AddClassifier<T>(string name) where T : class, IClassifier
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Services.AddSingleton(new ClassifierEntry(name));
        Services.AddKeyedSingleton<IClassifier, T>(name);
        Services.AddKeyedTransient<IClassifier, T>(ClassifierEntry.ShadowOf(name));
        DefaultClassifier = name;
        return this;
    }

    /// <summary>Runs the command that the arguments name, until it is done or stopped.</summary>
    /// <returns>The process's exit code: 0 done, 1 failed, 2 wrong arguments or settings.</returns>
    public Task<int> RunAsync(CancellationToken cancellationToken = default) => CommandLine.RunAsync(this, args, cancellationToken);

    /// <summary>Adds the classifiers and their services to a host.</summary>
    internal void AddTo(IServiceCollection services)
    {
        foreach (var service in Services) services.Add(service);
    }
}
