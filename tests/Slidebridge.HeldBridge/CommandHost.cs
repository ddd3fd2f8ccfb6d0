using System.Text.Json;
using Slidebridge;
using Spectre.Console;

/// <summary>
/// Runs commands one after the other in one process, as lines of JSON ask for: starting a process takes longer than most of them. What a command writes and its exit
/// code are a line of JSON in return.
/// </summary>
static class CommandHost
{
    public const string Argument = "--commands";

    /// <param name="Directory">Where the command runs; null: where this process does.</param>
    /// <param name="Arguments">The command's arguments.</param>
    public sealed record Wanted(string? Directory, string[] Arguments);

    public sealed record Ended(int Code, string Out, string Error);

    public static async Task<int> RunAsync()
    {
        var (output, here) = (Console.Out, Directory.GetCurrentDirectory());
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var wanted = JsonSerializer.Deserialize<Wanted>(line)!;
            Directory.SetCurrentDirectory(wanted.Directory ?? here);
            using var told = new StringWriter();
            using var errors = new StringWriter();
            Console.SetOut(told);
            Console.SetError(errors);
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(told) });
            var code = await Bridge.CreateBuilder(wanted.Arguments).RunAsync();
            await output.WriteLineAsync(JsonSerializer.Serialize(new Ended(code, told.ToString(), errors.ToString())));
            await output.FlushAsync();
        }
        return 0;
    }
}
