using System.Text.RegularExpressions;

namespace Slidebridge.Classifiers.Programs;

/// <summary>The files that a command line names.</summary>
static partial class NamedFiles
{
    /// <summary>Full paths of the words that are existing files, and of those that PATH finds.</summary>
    public static IReadOnlyList<string> Of(string command) => [.. Word().Matches(command).Select(word => Find(word.Value.Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal))).OfType<string>().Distinct()];

    /// <summary>A program as a shell would find it.</summary>
    public static string? Find(string word)
    {
        if (word.Length == 0) return null;
        if (File.Exists(word)) return Path.GetFullPath(word);
        if (word.Contains(Path.DirectorySeparatorChar)) return null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, word)).FirstOrDefault(File.Exists);
    }

    /// <summary>A shell's words, as far as files need: parts in quotation marks belong together.</summary>
    [GeneratedRegex("""(?:"[^"]*"|'[^']*'|[^\s;&|()<>="'])+""")]
    private static partial Regex Word();
}
