using System.CommandLine;
using System.Globalization;
using Slidebridge.Checks;
using Slidebridge.Security;
using Slidebridge.Units;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge doctor</c>: checks everything that a bridge needs, and says what to do if something is missing.</summary>
static class DoctorCommand
{
    public static Command Create(BridgeBuilder bridge)
    {
        var url = new Option<string?>("--public-url") { HelpName = "URL", Description = "The bridge's address for the platform, such as https://bridge.your.company. The command checks that a bridge answers there." };
        var command = new Command("doctor", """
            Checks that everything a bridge needs is there.

            It takes the settings of 'serve'. Each line is ok, a warning, or what to do. Nothing is changed, and no task is touched.

            Exit code: 0 a bridge can run, 1 something is missing, 2 wrong arguments or settings.

            Example:
              slidebridge doctor --config slidebridge.json --public-url https://bridge.your.company
            """)
        { url };
        var settings = new SettingOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var options = settings.Read(parsed, bridge.DefaultClassifier);
            var output = parsed.InvocationConfiguration.Output;
            var isTerminal = output == Console.Out && !Console.IsOutputRedirected;
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No });
            if (!isTerminal) console.Profile.Width = int.MaxValue;
            var missing = 0;
            await using var classifiers = new LoneClassifiers(bridge, options.Classifier, options.Platform);
            await foreach (var found in new Doctor(options.SetUp, classifiers.Services, parsed.GetValue(url)).CheckAsync(cancellationToken))
            {
                var (word, color) = found.Health switch { Health.Ok => ("ok     ", "green"), Health.Warning => ("warning", "yellow"), _ => ("MISSING", "red") };
                console.MarkupLine(string.Create(CultureInfo.InvariantCulture, $"[{color}]{word}[/]  [bold]{Markup.Escape(found.What)}[/]  {Markup.Escape(PlainText.Lines(found.Description))}"));
                if (found.Health is Health.Missing) missing++;
            }
            console.MarkupLine(missing == 0 ? "A bridge can run here." : $"{Counted.Text(missing, "problem")} must be fixed before a bridge can run here.");
            return missing == 0 ? 0 : 1;
        });
    }
}
