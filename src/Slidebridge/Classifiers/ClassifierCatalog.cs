using System.Collections.Concurrent;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers;

/// <summary>A classifier that was added to the bridge under a name.</summary>
sealed record ClassifierEntry(string Name);

/// <summary>
/// The classifiers that are there, each made when first asked for, one instance for the life of the process: those that were added under a name,
/// those that the configuration defines, and those that are named by what they are, such as <c>python:mitosis.py</c>.
/// </summary>
sealed class ClassifierCatalog(IEnumerable<ClassifierEntry> added, ClassifierOptions options, IServiceProvider services) : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, Lazy<(RunnableClassifier Runnable, IClassifier? Owned)>> made = [];

    /// <summary>Every classifier that a route names, made now: a wrong name or file stops the start, not the first task.</summary>
    /// <exception cref="NoSuchClassifierException">There is none of this name.</exception>
    /// <exception cref="ClassifierSettingException">What it is made from cannot be.</exception>
    public IReadOnlyList<RunnableClassifier> Routed => [.. options.Routes.Select(r => r.Classifier).Distinct().Select(Get)];

    /// <summary>The classifier of a name.</summary>
    /// <inheritdoc cref="Routed"/>
    public RunnableClassifier Get(string name) => made.GetOrAdd(name, n => new(() => Make(n))).Value.Runnable;

    (RunnableClassifier, IClassifier?) Make(string name)
    {
        var defined = options.Defined.FirstOrDefault(d => d.Name == name);
        var (use, limits) = (defined?.Use ?? name, defined?.Limits ?? options.Limits);
        if (added.Any(e => e.Name == use))
            return (new(name, services.GetRequiredKeyedService<IClassifier>(use), limits, defined?.Settings), null);
        var where = defined is null ? options.Routes.FirstOrDefault(r => r.Classifier == name)?.Where : defined.Where;
        var kind = ClassifierKind.Of(use, out var argument)
            ?? throw new NoSuchClassifierException(where, use, [.. added.Select(e => e.Name), .. defined is null ? options.Defined.Select(d => d.Name) : []]); // One that is defined is no use of another.
        if (kind.IsProgram) limits = limits with { Processes = limits.Processes ?? 1 };
        var classifier = Make(kind, argument, limits, where);
        return (new(defined?.Name ?? kind.ShortNameOf(argument), classifier, limits, defined?.Settings), classifier);
    }

    IClassifier Make(ClassifierKind kind, string argument, ClassifierLimits limits, string? where)
    {
        try
        {
            return kind.Make(argument, limits, services);
        }
        catch (ClassifierSettingException e) when (where is not null)
        {
            throw new ClassifierSettingException($"{where}: {e.Message}", e);
        }
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

/// <summary>The classifier that was asked for is not there.</summary>
sealed class NoSuchClassifierException(string? where, string name, IEnumerable<string> known) : Exception(
    $"{(where is null ? "" : where + ": ")}There is no classifier '{name}'. There are: {string.Join(", ", known.Distinct())}; or {string.Join(", ", ClassifierKind.All.Select(k => $"{k.Name}:{k.Argument}"))}.");

/// <summary>What a classifier is made from cannot be: a file that is missing, or a wrong line in it.</summary>
/// <param name="message">One sentence that names the file, and where it can the line.</param>
/// <param name="inner">What it came from, or null.</param>
class ClassifierSettingException(string message, Exception? inner = null) : Exception(message, inner);
