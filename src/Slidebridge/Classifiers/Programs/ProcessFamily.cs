using System.Diagnostics;
using System.Globalization;

namespace Slidebridge.Classifiers.Programs;

/// <summary>A process with its descendants, and the processes in its group.</summary>
static class ProcessFamily
{
    /// <summary>
    /// The fields of each process's <c>stat</c> after its name, which is in brackets and may contain any character: state, parent, group … (proc(5)). Only on systems with <c>/proc</c>.
    /// </summary>
    /// <param name="root">The process; it is included unless it has ended.</param>
    public static IReadOnlyDictionary<int, string[]> Of(Process root)
    {
        var all = new Dictionary<int, string[]>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read(id, "stat") is { } text) all[id] = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return all.Where(process => IsBelow(process.Key, root.Id, all)).ToDictionary();
    }

    /// <summary>A file of a process in <c>/proc</c>; null if the process has just ended.</summary>
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

    static bool IsBelow(int id, int root, Dictionary<int, string[]> all)
    {
        for (var steps = 0; steps < 64; steps++)
        {
            if (id == root) return true;
            if (!all.TryGetValue(id, out var stat)) return false;
            id = Number(stat[2]) == root ? root : Number(stat[1]);
        }
        return false;
    }

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
