using Microsoft.Extensions.Logging;

namespace Slidebridge.Sdk;

/// <summary>The services for one run of a classifier.</summary>
/// <param name="Progress">Receives the progress of each scan. Calls are cheap, and allowed from any thread.</param>
/// <param name="Logger">The task's log. Do not write patient data to it.</param>
public sealed record ClassifierContext(IProgress<ScanProgress> Progress, ILogger Logger)
{
    /// <summary>
    /// Saves a file that helps to understand a result: its name without a folder, and its content. Null if such files are not kept. <c>slidebridge job</c> puts them into the ZIP for
    /// <c>DEBUG_FILE_UPLOAD_URL</c>, <c>slidebridge run</c> into the folder <c>debug</c> of its <c>--out</c>.
    /// </summary>
    public Action<string, byte[]>? DebugFile { get; init; }
}

/// <summary>The progress of one scan.</summary>
/// <param name="ScanId">The scan's id.</param>
/// <param name="Fraction">The completed share, from 0 to 1.</param>
public readonly record struct ScanProgress(string ScanId, double Fraction);
