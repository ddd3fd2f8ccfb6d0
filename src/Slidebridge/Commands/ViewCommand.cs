using System.CommandLine;
using System.Globalization;
using Slidebridge.Classifiers;
using Slidebridge.Comparison;
using Slidebridge.Hosting;
using Slidebridge.LocalViewing;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Viewing;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge view</c>: slides in a browser, with a result or a classifier that is run on them.</summary>
static class ViewCommand
{
    public static Command Create(BridgeBuilder bridge)
    {
        var slides = new Argument<string[]>("SLIDE_OR_URL") { Description = "A slide's file or folder, a folder of slides, or a slide's http(s) URL; several are a list to choose from.", Arity = ArgumentArity.OneOrMore };
        var results = new Option<string?>("--results") { HelpName = "FILE", Description = "Show the objects of this result. Its scans are the slides, in the order of both." };
        var watch = new Option<bool>("--watch") { Description = "Run the classifier again whenever one of its files is saved." };
        var port = new Option<int>("--port") { HelpName = "N", Description = "The port on this machine. Default: any free port.", DefaultValueFactory = _ => 0 };
        var command = new Command("view", """
            Shows slides in a browser, with a result or a classifier's output.

            The command prints the address of a page, and serves it until Ctrl-C. Only this machine can open the page, and only with the printed address: it contains a secret, because other
            users of the machine could open it otherwise.

            With --classifier, the classifier runs on the slides, and the page shows its result as soon as it is there. With --watch, it runs again whenever its file is saved (the Python file, the
            model and its YAML file, the program), and the page shows the new result at the same place of the slide. If it fails, the page and the terminal show the error.

            Exit code: 0 stopped (Ctrl-C, SIGTERM), 1 failed, 2 wrong arguments.

            Examples:
              slidebridge view slide.svs
              slidebridge view slide.svs --results slidebridge-run/results.json
              slidebridge view slide.svs --classifier python:mitosis.py --watch
              slidebridge view he.svs ki67.svs --classifier nuclei --port 8000
            """)
        { slides, results, watch, port };
        var settings = new SettingOptions(command, ServeSettings.OfClassifiers);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var (values, file, number) = (settings.Values(parsed), parsed.GetValue(results), parsed.GetValue(port));
            var hasClassifier = values.IsSet(ServeSettings.Classifier);
            if (number is < 0 or > 65535) throw new CommandException($"--port must be a number from 0 to 65535; {number} is not.", 2);
            if (parsed.GetValue(watch) && !hasClassifier) throw new CommandException("--watch needs a classifier: name it with --classifier.", 2);
            if (file is not null && hasClassifier) throw new CommandException("Use either --results or --classifier: the page shows one result.", 2);
            var (json, ids) = file is null ? (default, null) : await ReadAsync(file, cancellationToken);
            PrivateFiles.ByDefault();
            var folder = Directory.CreateTempSubdirectory("slidebridge-view-");
            try
            {
                await using var lone = hasClassifier ? new ViewedClassifier(bridge, BridgeOptions.ClassifiersFrom(values, bridge.DefaultClassifier)) : null;
                if (parsed.GetValue(watch) && lone!.Files is []) throw new CommandException($"The classifier {lone.Name} has no file to watch: it is a part of this program.", 2);
                var error = parsed.InvocationConfiguration.Error;
                await using var scans = await NamedScans.OpenAsync(parsed.GetValue(slides)!, new ScanStains([]), error.WriteLine, SlideSettings.Apply(new SlideOptions(), lone?.Settings), cancellationToken, ids);
                using var shown = new LocalResults(folder.FullName);
                if (file is not null) shown.Show(json, "");
                await using var server = await StartAsync(await ViewedAsync(scans, cancellationToken), shown, number, cancellationToken);
                await parsed.InvocationConfiguration.Output.WriteLineAsync(server.Address.ToString());
                await error.WriteLineAsync("Open this address in a browser. Ctrl-C stops.");
                await ServeAsync(lone, scans, shown, error, parsed.GetValue(watch), cancellationToken);
                return 0;
            }
            // Stopping is not an interruption: the page was shown.
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 0;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
    }

    static async Task ServeAsync(ViewedClassifier? classifier, NamedScans scans, LocalResults shown, TextWriter error, bool watches, CancellationToken cancellationToken)
    {
        if (classifier is not null) await classifier.RunAsync(scans.All, new ViewedRun(shown, error), watches, cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    static async Task<LocalViewServer> StartAsync(IReadOnlyList<LocalScan> scans, LocalResults shown, int port, CancellationToken cancellationToken)
    {
        try
        {
            return await LocalViewServer.StartAsync(scans, shown, port, cancellationToken);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw CommandException.PortIsTaken(port);
        }
    }

    static async Task<IReadOnlyList<LocalScan>> ViewedAsync(NamedScans scans, CancellationToken cancellationToken)
    {
        var viewed = new List<LocalScan>();
        foreach (var scan in scans.All)
            viewed.Add(new LocalScan(scan.Id, Path.GetFileName(scans.NameOf(scan).TrimEnd('/')), new ViewedSlide(await scan.OpenSlideAsync(cancellationToken), viewed.Count.ToString(CultureInfo.InvariantCulture), isCopy: false, owner: null)));
        return viewed;
    }

    static async Task<(ReadOnlyMemory<byte> Json, IReadOnlyList<string>? Ids)> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file)) throw new CommandException($"--results: the file {file} does not exist.", 2);
        var json = await File.ReadAllBytesAsync(file, cancellationToken);
        var ids = ValidateCommand.NamedIn(json);
        var read = ComparedResult.Read(json, ids, out var problem) ?? throw new CommandException($"--results: {file} is not a valid result: {problem}. 'slidebridge validate {file}' lists every problem.", 2);
        return (read.Json, ids is [] ? null : ids);
    }
}
