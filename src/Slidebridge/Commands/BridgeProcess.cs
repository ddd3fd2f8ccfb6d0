using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Slidebridge.Commands;

/// <summary>
/// Closes this process to other processes of the same user. .NET opens a diagnostics socket, which gives every secret to every process that connects; the
/// runtime opens it before any code of the program runs, and only an environment variable prevents it. So the process replaces itself, with the variable set.
/// docs/decisions/program-sandbox.md
/// </summary>
static partial class BridgeProcess
{
    const string Diagnostics = "DOTNET_EnableDiagnostics";

    /// <summary>If one of these is set, the user wants to diagnose the process.</summary>
    static readonly string[] Asked = [Diagnostics, "COMPlus_EnableDiagnostics", "DOTNET_DiagnosticPorts"];

    /// <summary>prctl(2).</summary>
    const int SetDumpable = 4;

    /// <summary>Closes the process. Does not return if the process is replaced; its id, its streams and its arguments stay the same.</summary>
    /// <param name="args">The arguments that the program was given.</param>
    public static void Close(string[] args)
    {
        if (!OperatingSystem.IsLinux()) return;
        // Not inside another program, such as a test.
        var whole = Environment.GetCommandLineArgs();
        if (!args.SequenceEqual(whole.Skip(1)) || Assembly.GetEntryAssembly()?.GetName().Name is null) return;
        if (!Asked.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 })) StartAnew();
        if (IsDiagnosed) return;
        // /proc/PID/environ and /proc/PID/mem then belong to root.
        _ = Control(SetDumpable, 0, 0, 0, 0);
    }

    /// <summary>The user asked for .NET's diagnostics.</summary>
    public static bool IsDiagnosed => Asked.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value && value != "0");

    static void StartAnew()
    {
        string[] arguments;
        try
        {
            arguments = File.ReadAllText("/proc/self/cmdline").Split('\0')[..^1];
        }
        catch (IOException)
        {
            return; // Without /proc, other processes cannot read this one there either.
        }
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Where(v => v.Key is not Diagnostics) // The first of two counts: with an empty one, the process would replace itself for ever.
            .Select(v => $"{v.Key}={v.Value}").Append(Diagnostics + "=0");
        RemoveSockets();
        _ = Execute(Environment.ProcessPath ?? "/proc/self/exe", [.. arguments, null], [.. variables, null]);
        // This returns only on failure; then the process continues; its sockets are already deleted.
    }

    /// <summary>Deletes <c>dotnet-diagnostic-PID-START-socket</c> and the debugger's pipes, because a replaced process does not delete them.</summary>
    static void RemoveSockets()
    {
        foreach (var name in (string[])["dotnet-diagnostic-", "clr-debug-pipe-"])
            foreach (var path in Directory.EnumerateFileSystemEntries(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{name}{Environment.ProcessId}-*")))
            {
                try
                {
                    File.Delete(path);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Another container's, in a shared folder.
                }
            }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "execve", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execute(string file, string?[] arguments, string?[] variables);
}
