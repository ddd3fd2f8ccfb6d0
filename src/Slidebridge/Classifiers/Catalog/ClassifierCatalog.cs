using System.Collections.Concurrent;
using Slidebridge.Sdk;
using Slidebridge.Settings;

namespace Slidebridge.Classifiers.Catalog;

/// <summary>A classifier that was added to the bridge under a name.</summary>
sealed record ClassifierEntry(string Name)
{
    /// <summary>The key of the service that makes a separate instance, for a shadow.</summary>
    public static string ShadowOf(string name) => "shadow:" + name;
}

/// <summary>
/// The classifiers of the bridge: those that were added under a name, those that the configuration defines, and those that are named by their kind and file, such as
/// <c>python:mitosis.py</c>. Each is created on first use; there is one instance per process.
/// </summary>
sealed class ClassifierCatalog(IEnumerable<ClassifierEntry> added, ClassifierOptions options, IServiceProvider services) : IAsyncDisposable
{
    readonly ConcurrentDictionary<(string Name, bool IsShadow), Lazy<(RunnableClassifier Runnable, IClassifier? Owned)>> made = [];

    /// <summary>Every classifier that a route names and that runs here, created now: a wrong name or file makes the start fail, not the first task.</summary>
    /// <exception cref="ClassifierSettingException">There is no classifier of this name, or it cannot be created. If a settings file names it, the message says the line.</exception>
    public IReadOnlyList<RunnableClassifier> Routed => [.. options.Routes.Select(r => r.Classifier).Distinct().Where(name => options.WorkerOf(name) is null).Select(Get)];

    /// <summary>Every shadow classifier that a route names, created now. They are warmed up by their first task: a shadow that does not start must not keep a bridge from being ready.</summary>
    /// <inheritdoc cref="Routed"/>
    public IReadOnlyList<RunnableClassifier> Shadows => [.. options.Routes.SelectMany(r => r.Shadows).Distinct().Select(GetShadow)];

    /// <summary>Whether classifiers' log lines also go to the node's log.</summary>
    public bool LogToNode => options.LogToNode;

    /// <summary>The execution group of the workers elsewhere that run a classifier; null: it runs here.</summary>
    public string? WorkersOf(string name) => options.WorkerOf(name)?.Group;

    /// <summary>The classifier of a name.</summary>
    /// <inheritdoc cref="Routed"/>
    public RunnableClassifier Get(string name) => Get(name, isShadow: false);

    /// <summary>The shadow classifier of a name: a separate instance, so that tasks never wait for it.</summary>
    /// <inheritdoc cref="Routed"/>
    public RunnableClassifier GetShadow(string name) => Get(name, isShadow: true);

    RunnableClassifier Get(string name, bool isShadow) => made.GetOrAdd((name, isShadow), key => new(() => Make(key.Name, key.IsShadow))).Value.Runnable;

    (RunnableClassifier, IClassifier?) Make(string name, bool isShadow)
    {
        var defined = options.Defined.FirstOrDefault(d => d.Name == name);
        try
        {
            return Make(name, isShadow, defined);
        }
        catch (ClassifierSettingException e) when ((defined?.Place ?? options.Routes.FirstOrDefault(r => r.Classifier == name || r.Shadows.Contains(name))?.Place) is { } place)
        {
            throw new ClassifierSettingException($"{place}: {e.Message}", e.InnerException);
        }
    }

    (RunnableClassifier, IClassifier?) Make(string name, bool isShadow, ClassifierDefinition? defined)
    {
        if (defined?.Worker is { } worker) throw new ClassifierSettingException($"The classifier {name} runs on workers of the group {worker.Group} ('slidebridge work'), not in this process.");
        var (use, limits) = (defined?.Use ?? name, (defined?.Limits ?? options.Limits) with { Processes = options.ProcessesOf(name) });
        if (added.Any(e => e.Name == use))
            return (new(name, services.GetRequiredKeyedService<IClassifier>(isShadow ? ClassifierEntry.ShadowOf(use) : use), limits, new(ClassifierKind.CSharp, defined)), null);
        var kind = ClassifierKind.Of(use, out var argument)
            ?? throw NoSuch(use, [.. added.Select(e => e.Name), .. defined is null ? options.Defined.Select(d => d.Name) : []]); // A definition cannot be the 'use' of another definition.
        var classifier = kind.Make(argument, limits, services);
        return (new(defined?.Name ?? kind.ShortNameOf(argument), classifier, limits, new(kind.Name, defined)), classifier);
    }

    static ClassifierSettingException NoSuch(string name, IReadOnlyList<string> known) => new(
        $"There is no classifier '{name}'.{(Meant(name, known) is { } meant ? $" Did you mean '{meant}'?" : "")} The classifiers are: {string.Join(", ", known.Distinct())}; or {string.Join(", ", ClassifierKind.All.Select(k => $"{k.Name}:{k.Argument}"))}.");

    /// <summary>The correct form of a file without its kind, or of a misspelt name or kind; null if there is none.</summary>
    static string? Meant(string name, IEnumerable<string> known)
    {
        if (!name.Contains(':', StringComparison.Ordinal) && ClassifierKind.OfFile(name) is { } kind) return $"{kind.Name}:{name}";
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && Spelling.Nearest(name[..colon], ClassifierKind.All.Select(k => k.Name)) is { } near ? near + name[colon..] : Spelling.Nearest(name, known);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (runnable, owned) in made.Values.Where(m => m.IsValueCreated).Select(m => m.Value))
        {
            runnable.Dispose();
            if (owned is IAsyncDisposable closing) await closing.DisposeAsync();
            else (owned as IDisposable)?.Dispose();
        }
    }
}
