namespace Slidebridge.Classifiers.Programs;

/// <summary>The files that a command line names.</summary>
static class NamedFiles
{
    static readonly char[] Separators = [' ', '\t', '\n', ';', '&', '|', '(', ')', '<', '>', '='];

    /// <summary>Full paths of the words that are existing files, and of those that PATH finds.</summary>
    /// <remarks>Words are split without a shell's rules: a file whose name has a space is not found. The setting <c>files</c> names such files.</remarks>
    public static IReadOnlyList<string> Of(string command) => [.. command.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Select(word => Find(word.Trim('"', '\''))).OfType<string>().Distinct()];

    /// <summary>A program as a shell would find it.</summary>
    public static string? Find(string word)
    {
        if (word.Length == 0) return null;
        if (File.Exists(word)) return Path.GetFullPath(word);
        if (word.Contains(Path.DirectorySeparatorChar)) return null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, word)).FirstOrDefault(File.Exists);
    }
}
