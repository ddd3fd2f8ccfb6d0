using System.Buffers;
using System.Diagnostics;

namespace Slidebridge.Classifiers.Programs;

/// <summary>How a program is started.</summary>
/// <param name="File">What is started.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Variables">What is set in its environment beside the bridge's own.</param>
sealed record ProgramCommand(string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>A command line, as a shell reads it.</summary>
    /// <exception cref="ClassifierSettingException">It is empty.</exception>
    public static ProgramCommand Of(string command)
    {
        if (string.IsNullOrWhiteSpace(command)) throw new ClassifierSettingException("A command is expected, such as exec:python3 mitosis.py.");
        return OperatingSystem.IsWindows() ? new("cmd.exe", ["/d", "/c", command], NoVariables) : new("/bin/sh", ["-c", $"{Untouched}{(IsOne(command) ? "exec " : "")}{command}"], NoVariables);
    }

    /// <summary>A program with arguments that no shell reads.</summary>
    public static ProgramCommand Of(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> variables) => OperatingSystem.IsWindows()
        ? new(file, arguments, variables)
        : new("/bin/sh", ["-c", Untouched + "exec \"$@\"", "sh", file, .. arguments], variables);

    // The terminal's Ctrl-C goes to every program of its group. The bridge takes it; its programs finish their tasks, and stop when it tells them.
    const string Untouched = "trap '' INT QUIT HUP; ";

    /// <summary>Whether it is one command: then it takes the shell's place, and nothing stands between the bridge and the program.</summary>
    static bool IsOne(string command) => !command.AsSpan().ContainsAny(Operators) && !command.Split(' ')[0].Contains('=', StringComparison.Ordinal);

    static readonly SearchValues<char> Operators = SearchValues.Create(";&|(){}\n");

    static readonly Dictionary<string, string> NoVariables = [];

    /// <summary>As .NET starts it: all three streams are the bridge's.</summary>
    public ProcessStartInfo ToStartInfo()
    {
        var (file, arguments) = ProcessGroup.Own(File, Arguments);
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToArray()) start.Environment.Remove(name);
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        return start;
    }

    /// <summary>The bridge's settings, secrets among them, are none of a program's business.</summary>
    static bool IsOurs(string variable) => variable.StartsWith("SLIDEBRIDGE_", StringComparison.Ordinal) || variable is "API_KEY_SECRET" or "JWT_TOKEN" or "SCAN_URL" or "SCAN_URL_ZIP" or "DEBUG_FILE_UPLOAD_URL";
}
