using Slidebridge.Settings;
using Slidebridge.Techcyte;

namespace Slidebridge.Jobs;

/// <summary>The one task of a job, as the platform's Model Hosting Service puts it into the environment.</summary>
/// <param name="TaskId">The task's id as the platform wrote it.</param>
/// <param name="Number">The task's number.</param>
/// <param name="ScanId">The scan's id: decimal digits.</param>
/// <param name="SlideUrl">Where the slide is: <c>SCAN_URL_ZIP</c>, which has all layers of a DICOM slide, where it is set; else <c>SCAN_URL</c>.</param>
/// <param name="Token">The task's own access token, or null.</param>
/// <param name="DebugUploadUrl">Where an archive for whoever looks into the job may be put, or null.</param>
sealed record JobTask(string TaskId, long Number, string ScanId, string SlideUrl, string? Token, string? DebugUploadUrl)
{
    /// <summary>Reads the variables.</summary>
    /// <exception cref="JobEnvironmentException">Names the one that is missing or wrong.</exception>
    public static JobTask From(Func<string, string?> variables)
    {
        var taskId = Needed("TASK_ID");
        if (!PlatformId.TryParse(taskId, "task", out var number)) throw new JobEnvironmentException("TASK_ID is no task's id: a number, or base64 of task:NUMBER.");
        var scanId = Needed("SCAN_ID");
        if (!PlatformId.TryParse(scanId, null, out var scan)) throw new JobEnvironmentException("SCAN_ID is no scan's id: decimal digits are expected.");
        return new JobTask(
            taskId, number, scan.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Url("SCAN_URL_ZIP") ?? Url("SCAN_URL") ?? throw new JobEnvironmentException("SCAN_URL is not set, nor SCAN_URL_ZIP: there is no slide."), Given("JWT_TOKEN"), Url("DEBUG_FILE_UPLOAD_URL"));

        string? Given(string name) => variables(name)?.Trim() is { Length: > 0 } value ? value : null;

        string Needed(string name) => Given(name) ?? throw new JobEnvironmentException($"{name} is not set: a job takes its task from the environment (see 'slidebridge job --help').");

        // In pasted notes & is often written as an escape.
        string? Url(string name) => Given(name)?.Replace(@"\u0026", "&", StringComparison.Ordinal) is not { } url ? null
            : Slides.Sources.SlideUrl.TryParse(url, out _, out var problem) ? url : throw new JobEnvironmentException($"{name}: {problem}");
    }

    /// <summary>Records print their members: URLs and tokens are not to be printed.</summary>
    public override string ToString() => $"task {Number}, scan {ScanId}";
}

/// <summary>The environment of a job is not what it must be.</summary>
sealed class JobEnvironmentException(string message) : UsageException(message);
