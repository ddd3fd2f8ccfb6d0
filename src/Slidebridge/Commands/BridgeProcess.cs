using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Slidebridge.Commands;

/// <summary>
/// Closes this process to others of the same user. .NET listens on a socket for debuggers and tools, which gives every secret to whoever connects; the
/// runtime opens it before any code of ours runs, and only a variable keeps it from that. So the process starts itself anew with the variable set.
/// docs/decisions/program-sandbox.md
/// </summary>
static partial class BridgeProcess
{
    const string Diagnostics = "DOTNET_EnableDiagnostics";

    /// <summary>Any of these set says that somebody wants to look into the process.</summary>
    static readonly string[] Asked = [Diagnostics, "COMPlus_EnableDiagnostics", "DOTNET_DiagnosticPorts"];

    /// <summary>prctl(2).</summary>
    const int SetDumpable = 4;

    /// <summary>Closes it. Does not return where the process starts anew: its number, its streams and its arguments stay.</summary>
    /// <param name="args">The arguments that the program was given.</param>
    public static void Close(string[] args)
    {
        if (!OperatingSystem.IsLinux()) return;
        // Not inside of another program, such as one that tests it.
        var whole = Environment.GetCommandLineArgs();
        if (!args.SequenceEqual(whole.Skip(1)) || Assembly.GetEntryAssembly()?.GetName().Name is null) return;
        if (!Asked.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 })) StartAnew();
        if (IsDiagnosed) return;
        // /proc/PID/environ and /proc/PID/mem then belong to root.
        _ = Control(SetDumpable, 0, 0, 0, 0);
    }

    /// <summary>Somebody asked for .NET's diagnostics.</summary>
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
            return; // Without /proc nobody else finds the process there either.
        }
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Where(v => v.Key is not Diagnostics) // Of two, the first counts: an empty one would have the process start itself for ever.
            .Select(v => $"{v.Key}={v.Value}").Append(Diagnostics + "=0");
        RemoveSockets();
        _ = Execute(Environment.ProcessPath ?? "/proc/self/exe", [.. arguments, null], [.. variables, null]);
        // It returns only where it failed; then this process goes on, without its sockets.
    }

    /// <summary>The process that is replaced does not clear them away: <c>dotnet-diagnostic-PID-START-socket</c> and the debugger's pipes.</summary>
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
                    // Another's, in a folder that containers share.
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
