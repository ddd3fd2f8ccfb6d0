using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Files that a program leaves to help whoever wants to understand its result: those that lie directly in its folder for them.</summary>
static partial class DebugFiles
{
    const int MostFiles = 100;

    const long MostBytes = 64 << 20;

    /// <summary>Hands them to who keeps them, if anybody does. What cannot be read, is a link, or is too much is left out with a word in the task's log.</summary>
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
                LogLeftOut(context.Logger, $"{written.Length} bytes, of which {room} may be kept still");
                continue;
            }
            var content = new byte[written.Length];
            var read = written.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            room -= read;
            keep(file.Name, read == content.Length ? content : content[..read]);
        }
        if (files.Length > MostFiles) LogLeftOut(context.Logger, $"the last {files.Length - MostFiles}; at most {MostFiles} are kept");
    }

    [LoggerMessage(234, LogLevel.Warning, "Files for debugging are left out: {What}")]
    static partial void LogLeftOut(ILogger logger, string what);
}
