using Microsoft.Extensions.Logging;

namespace Slidebridge.Sdk;

/// <summary>What one run of a classifier is given beside its task.</summary>
/// <param name="Progress">Takes how far each scan is; cheap, call it as often as you like, from any thread.</param>
/// <param name="Logger">The task's log. Write no patient data to it.</param>
public sealed record ClassifierContext(IProgress<ScanProgress> Progress, ILogger Logger)
{
    /// <summary>
    /// Takes a file that helps to understand a result, by its name without a folder, and its content; null where nobody keeps such files. <c>slidebridge job</c> puts them into the ZIP for
    /// <c>DEBUG_FILE_UPLOAD_URL</c>, <c>slidebridge run</c> into the folder <c>debug</c> of its <c>--out</c>.
    /// </summary>
    public Action<string, byte[]>? DebugFile { get; init; }
}

/// <summary>How far one scan is.</summary>
/// <param name="ScanId">The scan's id.</param>
/// <param name="Fraction">The part done, from 0 to 1.</param>
public readonly record struct ScanProgress(string ScanId, double Fraction);
