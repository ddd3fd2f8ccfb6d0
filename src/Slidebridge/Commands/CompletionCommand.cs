using System.CommandLine;
using System.Globalization;

namespace Slidebridge.Commands;

/// <summary>
/// <c>slidebridge completion</c>: prints a script for completion of this program's commands and options in a shell. The script asks the program, with System.CommandLine's protocol:
/// <c>slidebridge "[suggest:POSITION]" "COMMAND LINE"</c> prints one suggestion per line.
/// </summary>
static class CompletionCommand
{
    const string Directive = "[suggest:";

    static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # slidebridge completion bash > ~/.local/share/bash-completion/completions/slidebridge
            _slidebridge() {
                local suggestions
                suggestions=$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
                mapfile -t COMPREPLY < <(compgen -W "$suggestions" -- "${COMP_WORDS[COMP_CWORD]}")
            }
            complete -o default -o bashdefault -F _slidebridge slidebridge
            """,
        ["zsh"] = """
            #compdef slidebridge
            # slidebridge completion zsh > a file _slidebridge in a folder of $fpath
            _slidebridge() {
                local -a suggestions
                suggestions=(${(f)"$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)"})
                compadd -a suggestions || _files
            }
            compdef _slidebridge slidebridge
            """,
        ["fish"] = """
            # slidebridge completion fish > ~/.config/fish/completions/slidebridge.fish
            function __slidebridge_suggest
                set -l line (commandline --cut-at-cursor)
                slidebridge "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete --command slidebridge --arguments '(__slidebridge_suggest)'
            """,
        ["pwsh"] = """
            # slidebridge completion pwsh | Out-String | Invoke-Expression    in your $PROFILE
            Register-ArgumentCompleter -Native -CommandName slidebridge -ScriptBlock {
                param($word, $line, $position)
                slidebridge "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = $"One of {string.Join(", ", Scripts.Keys)}." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", """
            Prints a script that completes commands in your shell.

            Examples:
              source <(slidebridge completion bash)
              slidebridge completion fish > ~/.config/fish/completions/slidebridge.fish
            """)
        { shell };
        return command.Does(async (parsed, _) =>
        {
            await parsed.InvocationConfiguration.Output.WriteLineAsync(Scripts[parsed.GetValue(shell)!]);
            return 0;
        });
    }

    /// <summary>Answers a shell that asks for suggestions.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Receives the suggestions.</param>
    /// <returns>False if no shell asks.</returns>
    public static bool Answer(Command root, string[] args, TextWriter output)
    {
        if (args is not [var asked, var line] || !asked.StartsWith(Directive, StringComparison.Ordinal) || !asked.EndsWith(']')) return false;
        if (!int.TryParse(asked.AsSpan(Directive.Length)[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var position)) position = line.Length;
        // The name with which the program was called is not parsed. Text after the cursor is ignored.
        var name = line.IndexOf(' ', StringComparison.Ordinal) is >= 0 and var space ? space + 1 : line.Length;
        var typed = line[Math.Min(name, line.Length)..Math.Clamp(position, Math.Min(name, line.Length), line.Length)];
        foreach (var suggestion in root.Parse(typed).GetCompletions(typed.Length).Select(c => c.InsertText ?? c.Label)
            .Where(s => s[0] is not '/' && (s[0] is not '-' || s.StartsWith("--", StringComparison.Ordinal))).Distinct().Order(StringComparer.Ordinal)) output.WriteLine(suggestion);
        return true;
    }
}
