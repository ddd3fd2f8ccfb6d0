namespace Slidebridge.Objects;

/// <summary>Names of files in the folder of indexes.</summary>
static class IndexFiles
{
    /// <summary>The ending of a complete index.</summary>
    public const string Ending = ".objects";

    /// <summary>The ending of files that are being written. Those of a process that crashed are deleted at the next start.</summary>
    public const string TemporaryEnding = ".part";

    public static string Temporary() => Path.GetRandomFileName() + TemporaryEnding;
}
