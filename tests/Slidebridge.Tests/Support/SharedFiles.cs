namespace Slidebridge.Tests.Support;

/// <summary>Real slides beside the repository, in <c>../shared/data</c>. A test that needs one is skipped by name where it is missing.</summary>
static class SharedFiles
{
    public static string CmuSmallRegion => Find("svs/CMU-1-Small-Region.svs");

    public static string Boxes => Find("tiff/boxes.tiff");

    public static string Unreadable => Find("corrupt/unreadable.svs");

    /// <summary>The file's path, or the running test is skipped.</summary>
    public static string Find(string name)
    {
        var path = Path.Combine(Repository.Root, "..", "shared", "data", name);
        if (!File.Exists(path)) Assert.Skip($"../shared/data/{name} is not here.");
        return Path.GetFullPath(path);
    }
}
