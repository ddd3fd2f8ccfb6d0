using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Files that a program writes directly into its debug folder, to explain its result.</summary>
static partial class DebugFiles
{
    const int MostFiles = 100;

    const long MostBytes = 64 << 20;

    /// <summary>Passes the files to the context, if it stores them. Unreadable files, links and files over the limit are skipped with a line in the task's log.</summary>
    public static void Collect(ProgramPlace place, ClassifierContext context)
    {
        if (context.DebugFile is not { } keep || new DirectoryInfo(place.Debug) is not { Exists: true, LinkTarget: null } folder) return;
        var (room, files) = (MostBytes, folder.GetFiles().OrderBy(f => f.Name, StringComparer.Ordinal).ToArray());
        foreach (var file in files.Take(MostFiles))
        {
            using var written = WrittenFile.Open(file.FullName);
            if (written is null) continue;
            if (written.Length > room)
            {
                LogLeftOut(context.Logger, $"{written.Length} bytes, but only {room} more may be stored");
                continue;
            }
            var content = new byte[written.Length];
            var read = written.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            room -= read;
            keep(file.Name, read == content.Length ? content : content[..read]);
        }
        if (files.Length > MostFiles) LogLeftOut(context.Logger, $"the last {files.Length - MostFiles}, because at most {MostFiles} are stored");
    }

    [LoggerMessage(234, LogLevel.Warning, "Debug files are skipped: {What}")]
    static partial void LogLeftOut(ILogger logger, string what);
}
