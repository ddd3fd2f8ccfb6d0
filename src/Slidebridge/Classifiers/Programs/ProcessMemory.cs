using System.Diagnostics;
using System.Globalization;

namespace Slidebridge.Classifiers.Programs;

/// <summary>How much memory a process holds, with all that it started.</summary>
static class ProcessMemory
{
    /// <summary>Resident bytes; pages that several share are counted for each. 0 where it cannot be told.</summary>
    public static long Of(Process root)
    {
        if (!OperatingSystem.IsLinux()) return Alone(root);
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && FamilyOf(id) is var (parent, group)) parents[id] = group == root.Id ? root.Id : parent;
        return parents.Keys.Append(root.Id).Distinct().Where(id => IsBelow(id, root.Id, parents)).Sum(ResidentOf);
    }

    static long Alone(Process process)
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // It has ended.
        }
    }

    static bool IsBelow(int id, int root, Dictionary<int, int> parents)
    {
        for (var steps = 0; steps < 64; steps++)
        {
            if (id == root) return true;
            if (!parents.TryGetValue(id, out id)) return false;
        }
        return false;
    }

    // proc(5): the fields of stat after the name, which is in brackets and may hold anything, are state, parent and group.
    static (int Parent, int Group)? FamilyOf(int id) => Read(id, "stat") is { } text && text[(text.LastIndexOf(')') + 2)..].Split(' ') is [_, var parent, var group, ..]
        ? (int.Parse(parent, CultureInfo.InvariantCulture), int.Parse(group, CultureInfo.InvariantCulture)) : null;

    // proc(5): the second number of statm is the resident pages.
    static long ResidentOf(int id) => Read(id, "statm")?.Split(' ') is [_, var pages, ..] ? long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;

    static string? Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // It has just ended.
        }
    }
}
