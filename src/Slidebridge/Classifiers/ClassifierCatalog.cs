using Slidebridge.Sdk;

namespace Slidebridge.Classifiers;

/// <summary>A classifier that was added to the bridge under a name.</summary>
sealed record ClassifierEntry(string Name);

/// <summary>The classifiers that are there, and the choice among them.</summary>
sealed class ClassifierCatalog(IEnumerable<ClassifierEntry> entries, IServiceProvider services, ClassifierOptions options)
{
    /// <summary>The classifier that serves every task, with its name.</summary>
    public (string Name, IClassifier Classifier) Chosen => (options.Name, Get(options.Name));

    /// <summary>The classifier of this name, one instance for the life of the process.</summary>
    /// <exception cref="NoSuchClassifierException">There is none of this name.</exception>
    public IClassifier Get(string name)
    {
        _ = entries.LastOrDefault(e => e.Name == name) ?? throw new NoSuchClassifierException(name, entries.Select(e => e.Name).Distinct());
        return services.GetRequiredKeyedService<IClassifier>(name);
    }
}

/// <summary>The classifier that was asked for was not added.</summary>
sealed class NoSuchClassifierException(string name, IEnumerable<string> known) : Exception($"There is no classifier '{name}'. There are: {string.Join(", ", known)}.");
