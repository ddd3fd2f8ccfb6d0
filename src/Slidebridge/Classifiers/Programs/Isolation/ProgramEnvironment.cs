using System.Collections;

namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>
/// The environment variables of the bridge that a program receives. This is an allow list, because a machine's environment contains secrets under names that nobody
/// can foresee.
/// </summary>
static class ProgramEnvironment
{
    /// <summary>Variables that programs need to find their files, their language and their libraries.</summary>
    static readonly HashSet<string> Names = new(
    [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DOTNET_ROOT", "JAVA_HOME",
        "PYTHONPATH", "PYTHONHOME", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONIOENCODING", "PYTHONUTF8", "VIRTUAL_ENV", "CONDA_PREFIX",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
        // On Windows, few programs start without these.
        "SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "ProgramData", "ProgramFiles", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    ], StringComparer.OrdinalIgnoreCase);

    /// <summary>Language, GPUs and numbers of threads.</summary>
    static readonly string[] Prefixes = ["LC_", "CUDA_", "NVIDIA_", "CUDNN_", "NCCL_", "ROCR_", "HIP_", "HSA_", "OMP_", "MKL_", "KMP_", "OPENBLAS_", "TORCH_", "PYTORCH_", "TF_CPP_", "TF_GPU_", "TF_FORCE_", "XLA_"];

    /// <summary>Words of secrets, such as NVIDIA_API_KEY: an allowed prefix is not enough.</summary>
    static readonly string[] SecretWords = ["KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL", "AUTH"];

    /// <summary>Variables that the platform's Model Hosting Service sets for the bridge. Programs need none of them.</summary>
    static readonly string[] OfJobs = ["API_KEY_ID", "API_KEY_SECRET", "JWT_TOKEN", "SCAN_URL", "SCAN_URL_ZIP", "DEBUG_FILE_UPLOAD_URL"];

    /// <summary>The folder for temporary files with which the bridge was started, if the bridge uses another one.</summary>
    static (bool IsReplaced, string? Path) temporaryFiles;

    /// <summary>Moves the bridge's temporary files elsewhere; those of programs stay in the original folder.</summary>
    public static void MoveTemporaryFiles(string folder)
    {
        temporaryFiles = (true, Environment.GetEnvironmentVariable("TMPDIR"));
        Environment.SetEnvironmentVariable("TMPDIR", folder);
    }

    /// <summary>Whether a variable holds a secret of the bridge. No program receives it, even if a setting names it.</summary>
    public static bool IsOfTheBridge(string name) =>
        name.StartsWith("SLIDEBRIDGE_", StringComparison.OrdinalIgnoreCase) || OfJobs.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The environment of a program.</summary>
    /// <param name="named">Variables that the operator passes to programs.</param>
    /// <param name="all">The bridge's environment; null for this process's.</param>
    public static Dictionary<string, string> Of(IReadOnlyCollection<string> named, IDictionary? all = null)
    {
        var given = new Dictionary<string, string>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (DictionaryEntry variable in all ?? Environment.GetEnvironmentVariables())
            if (variable is { Key: string name, Value: string value } && !IsOfTheBridge(name) && (IsAllowed(name) || named.Contains(name))) given[name] = value;
        if (temporaryFiles.IsReplaced) given.Remove("TMPDIR");
        if (temporaryFiles.Path is { } path) given["TMPDIR"] = path;
        return given;
    }

    static bool IsAllowed(string name) =>
        Names.Contains(name) || (Prefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal)) && !SecretWords.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase)));
}
