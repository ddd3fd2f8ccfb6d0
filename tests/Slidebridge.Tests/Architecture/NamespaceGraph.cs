using System.Text;
using Mono.Cecil;

namespace Slidebridge.Tests.Architecture;

/// <summary>Which namespaces of an assembly use which, told from the compiled types. The root namespace, the project's public face and vocabulary, is left out.</summary>
sealed class NamespaceGraph
{
    readonly string root;
    readonly SortedDictionary<string, SortedDictionary<string, List<string>>> uses = new(StringComparer.Ordinal);

    public NamespaceGraph(string assembly)
    {
        root = Path.GetFileNameWithoutExtension(assembly);
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(assembly));
        foreach (var framework in new[] { typeof(object), typeof(Microsoft.AspNetCore.Builder.WebApplication) }) resolver.AddSearchDirectory(Path.GetDirectoryName(framework.Assembly.Location));
        using var module = ModuleDefinition.ReadModule(assembly, new ReaderParameters { AssemblyResolver = resolver });
        foreach (var type in module.Types.Where(IsOwn))
        {
            if (!uses.TryGetValue(Short(type), out var of)) uses[Short(type)] = of = new(StringComparer.Ordinal);
            foreach (var used in TypeUses.Of(type).Where(used => used.Scope == module && IsOwn(used) && used.Namespace != type.Namespace))
            {
                if (!of.TryGetValue(Short(used), out var because)) of[Short(used)] = because = [];
                because.Add($"{type.Name} uses {used.Name}");
            }
        }
    }

    public IReadOnlyCollection<string> Namespaces => uses.Keys;

    /// <summary>Each cycle in words: its namespaces, and which types close it. None where the arrows go one way.</summary>
    public IReadOnlyList<string> Cycles()
    {
        var reachable = Namespaces.ToDictionary(each => each, Reachable);
        return
        [
            .. Namespaces.Where(each => reachable[each].Contains(each)).GroupBy(each => string.Join(", ", reachable[each].Where(other => reachable[other].Contains(each)).Order(StringComparer.Ordinal)))
                .Select(cycle => $"{root} has a cycle of {cycle.Key}:\n" + string.Join('\n', from each in cycle from use in uses[each] where cycle.Contains(use.Key) select $"  {each} → {use.Key}: {string.Join(", ", use.Value)}")),
        ];
    }

    /// <summary>The graph as Mermaid draws it. An arrow that follows from two others is left out.</summary>
    public string Draw()
    {
        var drawn = new StringBuilder("```mermaid\nflowchart TD\n");
        foreach (var each in Namespaces)
        {
            var arrows = uses[each].Keys.Where(used => !uses[each].Keys.Any(other => other != used && Reachable(other).Contains(used))).ToList();
            if (arrows.Count == 0) drawn.Append(null, $"  {each}\n");
            foreach (var used in arrows) drawn.Append(null, $"  {each} --> {used}\n");
        }
        return drawn.Append("```").ToString();
    }

    HashSet<string> Reachable(string from)
    {
        var found = new HashSet<string>();
        var next = new Queue<string>([from]);
        while (next.TryDequeue(out var each))
            foreach (var used in uses[each].Keys)
                if (found.Add(used)) next.Enqueue(used);
        return found;
    }

    bool IsOwn(TypeReference type) => type.Namespace.StartsWith(root + ".", StringComparison.Ordinal);

    string Short(TypeReference type) => type.Namespace[(root.Length + 1)..];
}
