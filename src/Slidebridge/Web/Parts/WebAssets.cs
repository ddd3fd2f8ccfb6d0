using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Slidebridge.Web.Parts;

/// <summary>The scripts and styles of the pages, which are part of the program. Their addresses contain a version made from their content, so that a browser may keep them, and a new version of the bridge is seen at once.</summary>
static partial class WebAssets
{
    const string Prefix = "Slidebridge.Web/";

    static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml; charset=utf-8",
        [".txt"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary();

    static readonly Lazy<FrozenDictionary<string, byte[]>> Files = new(ReadAll);

    static readonly ConcurrentDictionary<string, HashSet<string>> Modules = new();

    static readonly Lazy<string> Made = new(() => Convert.ToHexStringLower(SHA256.HashData([.. Files.Value.OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => SHA256.HashData(file.Value).Concat(Encoding.UTF8.GetBytes(file.Key)))]))[..12]);

    /// <summary>Changes with the content of any file.</summary>
    public static string Version => Made.Value;

    /// <summary>The names of all files, as <c>vendor/openseadragon/LICENSE.txt</c>.</summary>
    public static IEnumerable<string> Names => Files.Value.Keys;

    /// <summary>A file's address.</summary>
    /// <exception cref="ArgumentException">There is no such file.</exception>
    public static string Url(string name) => Files.Value.ContainsKey(name) ? $"/assets/{Version}/{name}" : throw new ArgumentException($"There is no file '{name}'.", nameof(name));

    /// <summary>The modules that a module imports, directly or through others, itself included.</summary>
    /// <exception cref="ArgumentException">There is no such file.</exception>
    public static IReadOnlyCollection<string> ModulesOf(string name) => Modules.GetOrAdd(name, Follow);

    static HashSet<string> Follow(string name)
    {
        var found = new HashSet<string>();
        var waiting = new Queue<string>([name]);
        while (waiting.TryDequeue(out var next))
        {
            if (!found.Add(next)) continue;
            if (!Files.Value.TryGetValue(next, out var bytes)) throw new ArgumentException($"There is no file '{next}'.", nameof(name));
            var folder = next[..(next.LastIndexOf('/') + 1)];
            foreach (Match import in Import().Matches(Encoding.UTF8.GetString(bytes))) waiting.Enqueue(folder + import.Groups[1].Value);
        }
        return found;
    }

    /// <summary>An import of a file in the same folder or below: <c>from "./place.js"</c>, <c>import("./viewer-objects.js")</c>.</summary>
    [GeneratedRegex("(?:from |import\\()\"\\./([^\"]+)\"")]
    private static partial Regex Import();

    /// <summary>A file and its content type, or null.</summary>
    public static (byte[] Bytes, string Type)? Find(string name) =>
        Files.Value.TryGetValue(name, out var bytes) && Types.TryGetValue(Path.GetExtension(name), out var type) ? (bytes, type) : null;

    static FrozenDictionary<string, byte[]> ReadAll()
    {
        var assembly = typeof(WebAssets).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToFrozenDictionary(name => name[Prefix.Length..].Replace('\\', '/'), name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }, StringComparer.Ordinal);
    }
}
