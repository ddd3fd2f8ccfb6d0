using System.Buffers;
using System.Diagnostics;
using Slidebridge.Classifiers.Programs.Isolation;

namespace Slidebridge.Classifiers.Programs;

/// <summary>How a program is started.</summary>
/// <param name="File">What is started.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Variables">What is set in its environment beside what the bridge hands on.</param>
sealed record ProgramCommand(string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>Folders that it must see, wherever they lie.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

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
    /// <param name="host">What it sees of this machine.</param>
    /// <param name="place">Its process's folders.</param>
    public ProcessStartInfo ToStartInfo(ProgramHost host, ProgramPlace place)
    {
        var wrapped = host.Wrap([File, .. Arguments], Needs, place);
        var (file, arguments) = ProcessGroup.Own(wrapped[0], [.. wrapped.Skip(1)]);
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        // Also what starts it gets no more: it shows its environment in /proc.
        start.Environment.Clear();
        foreach (var (name, value) in host.Environment().Concat(Variables)) start.Environment[name] = value;
        return start;
    }
}
