namespace Slidebridge.Tests.Support;

/// <summary>The repository that the tests were built in.</summary>
static class Repository
{
    /// <summary>Its folder: the nearest one above the tests that holds the solution.</summary>
    public static string Root { get; } = Find();

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Slidebridge.slnx")))
                return folder.FullName;
        throw new DirectoryNotFoundException("No folder above the tests holds Slidebridge.slnx.");
    }
}
