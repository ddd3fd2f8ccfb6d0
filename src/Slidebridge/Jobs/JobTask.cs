using Slidebridge.Settings;
using Slidebridge.Techcyte;

namespace Slidebridge.Jobs;

/// <summary>The one task of a job, from the environment variables that the platform's Model Hosting Service sets.</summary>
/// <param name="TaskId">The task's id as the platform wrote it.</param>
/// <param name="Number">The task's number.</param>
/// <param name="ScanId">The scan's id: decimal digits.</param>
/// <param name="SlideUrl">The slide's URL: <c>SCAN_URL_ZIP</c>, with all layers of a DICOM slide, if it is set; else <c>SCAN_URL</c>.</param>
/// <param name="Token">The task's own access token, or null.</param>
/// <param name="DebugUploadUrl">Where to upload an archive for debugging, or null.</param>
sealed record JobTask(string TaskId, long Number, string ScanId, string SlideUrl, string? Token, string? DebugUploadUrl)
{
    /// <summary>Reads the variables.</summary>
    /// <exception cref="JobEnvironmentException">A variable is missing or wrong; the message names it.</exception>
    public static JobTask From(Func<string, string?> variables)
    {
        var taskId = Needed("TASK_ID");
        if (!PlatformId.TryParse(taskId, "task", out var number)) throw new JobEnvironmentException("TASK_ID is not a task id; it must be a number, or the base64 of task:NUMBER.");
        var scanId = Needed("SCAN_ID");
        if (!PlatformId.TryParse(scanId, null, out var scan)) throw new JobEnvironmentException("SCAN_ID is not a scan id; it must be decimal digits.");
        return new JobTask(
            taskId, number, scan.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Url("SCAN_URL_ZIP") ?? Url("SCAN_URL") ?? throw new JobEnvironmentException("Neither SCAN_URL nor SCAN_URL_ZIP is set; one of them must be the slide's URL."), Given("JWT_TOKEN"), Url("DEBUG_FILE_UPLOAD_URL"));

        string? Given(string name) => variables(name)?.Trim() is { Length: > 0 } value ? value : null;

        string Needed(string name) => Given(name) ?? throw new JobEnvironmentException($"{name} is not set: a job takes its task from the environment (see 'slidebridge job --help').");

        // In a pasted URL, & is often written as an escape.
        string? Url(string name) => Given(name)?.Replace(@"\u0026", "&", StringComparison.Ordinal) is not { } url ? null
            : Slides.Sources.SlideUrl.TryParse(url, out _, out var problem) ? url : throw new JobEnvironmentException($"{name}: {problem}");
    }

    /// <summary>The default ToString prints all members, and URLs and tokens must not be printed.</summary>
    public override string ToString() => $"task {Number}, scan {ScanId}";
}

/// <summary>A job's environment variable is missing or invalid.</summary>
sealed class JobEnvironmentException(string message) : UsageException(message);
