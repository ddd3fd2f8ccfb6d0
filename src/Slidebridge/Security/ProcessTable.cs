using System.Globalization;

namespace Slidebridge.Security;

/// <summary>The processes of this machine, from <c>/proc</c> (proc(5)). Only on systems that have it.</summary>
static class ProcessTable
{
    /// <summary>The fields of each process's <c>stat</c> after its name, which is in brackets and may contain any character: state, parent, group … A process that has just ended is left out.</summary>
    public static IReadOnlyDictionary<int, string[]> Read()
    {
        var all = new Dictionary<int, string[]>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read(id, "stat") is { Length: > 0 } text) all[id] = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return all;
    }

    /// <summary>A file of a process; null if the process has just ended, or is another user's.</summary>
    public static string? Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The parent, of the fields that <see cref="Read()"/> returns.</summary>
    public static int ParentOf(string[] stat) => int.Parse(stat[1], CultureInfo.InvariantCulture);
}
