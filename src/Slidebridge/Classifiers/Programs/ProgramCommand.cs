using System.Buffers;
using System.Diagnostics;
using Slidebridge.Classifiers.Programs.Isolation;

namespace Slidebridge.Classifiers.Programs;

/// <summary>How a program is started.</summary>
/// <param name="File">The executable.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Variables">Environment variables in addition to those that the bridge passes on.</param>
sealed record ProgramCommand(string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>Folders that the program must see, wherever they are.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>The program, its script and other files that the command names: full paths, for the record of what made a result.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>A command line for a shell.</summary>
    /// <exception cref="ClassifierSettingException">The command is empty.</exception>
    public static ProgramCommand Of(string command)
    {
        if (string.IsNullOrWhiteSpace(command)) throw new ClassifierSettingException("The command is empty; write it like exec:python3 mitosis.py.");
        var made = OperatingSystem.IsWindows() ? new("cmd.exe", ["/d", "/c", command], NoVariables) : new ProgramCommand("/bin/sh", ["-c", $"{Untouched}{(IsOne(command) ? "exec " : "")}{command}"], NoVariables);
        return made with { Files = NamedFiles.Of(command) };
    }

    /// <summary>A program with arguments that the shell does not interpret.</summary>
    public static ProgramCommand Of(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> variables) => OperatingSystem.IsWindows()
        ? new(file, arguments, variables)
        : new("/bin/sh", ["-c", Untouched + "exec \"$@\"", "sh", file, .. arguments], variables);

    // The terminal sends Ctrl-C to every process of its group. Only the bridge handles it; its programs finish their tasks, and stop when the bridge asks them to.
    const string Untouched = "trap '' INT QUIT HUP; ";

    /// <summary>Whether the line is a single command: then it replaces the shell, and no process remains between the bridge and the program.</summary>
    static bool IsOne(string command) => !command.AsSpan().ContainsAny(Operators) && !command.Split(' ')[0].Contains('=', StringComparison.Ordinal);

    static readonly SearchValues<char> Operators = SearchValues.Create(";&|(){}\n");

    static readonly Dictionary<string, string> NoVariables = [];

    /// <summary>The start information for .NET: all three streams are redirected to the bridge.</summary>
    /// <param name="host">What the program sees of this machine.</param>
    /// <param name="place">The folders of the program's process.</param>
    public ProcessStartInfo ToStartInfo(ProgramHost host, ProgramPlace place)
    {
        var wrapped = host.Wrap([File, .. Arguments], Needs, place);
        var (file, arguments) = ProcessGroup.Own(wrapped[0], [.. wrapped.Skip(1)]);
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        // The process that starts the program gets no other variables either, because /proc shows its environment.
        start.Environment.Clear();
        foreach (var (name, value) in host.Environment().Concat(Variables)) start.Environment[name] = value;
        return start;
    }
}
