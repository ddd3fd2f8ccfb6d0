using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Json;
using Slidebridge.Slides;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge run</c>: runs a classifier on local slides, without a platform.</summary>
static class RunCommand
{
    public static Command Create(BridgeBuilder bridge)
    {
        var slides = new Argument<string[]>("SLIDE") { Description = "A slide's file or folder, a folder of slides, or a slide's http(s) URL. Several are the scans 1, 2, 3 … of one task.", Arity = ArgumentArity.ZeroOrMore };
        var stain = new Option<string[]>("--stain") { HelpName = "VALUE", Description = "The stain, such as he or ki67; SCAN=VALUE for one scan. May be repeated.", DefaultValueFactory = _ => [] };
        var model = new Option<string?>("--model") { HelpName = "NAME", Description = "The model that the task asks for." };
        var company = new Option<string?>("--company") { HelpName = "ID", Description = "The company that the task is of." };
        var settings = new Option<string?>("--settings") { HelpName = "JSON", Description = "An object of settings for the classifier." };
        var mpp = new Option<string?>("--mpp") { HelpName = "MICRONS", Description = "The slides' micrometres per level-0 pixel, such as 0.25, instead of the recorded value." };
        var verify = new Option<string?>("--verify") { HelpName = "TASK", Description = "Compute the saved result of this task again, and say what differs. Without slides, those of the task's URLs." };
        var command = new Command("run", """
            Runs a classifier on slides, without a bridge and a platform.

            The slides are the scans of one task. The results are checked by the platform's rules. The command writes

              results.json          what would be posted
              overlay.png           the slide with the result drawn on it (for several slides: overlay-1.png, overlay-2.png …)
              annotations.geojson   the same for QuPath: drag it onto the open slide (for several: annotations-1.geojson …)
              debug/                debug files of the classifier, if it writes any

            A folder is a slide (a DICOM series), or stands for the slides in it and in its subfolders: the DICOM files of a folder are one slide, every other file is one slide.

            With --verify, the command writes no files. It computes the saved result of a task again, with the slides that you name in the order of the task's scans. Without slides, it uses
            the task's URLs with --data or --database, or asks a running bridge to do it (--url). It says what differs in the result, and in what made it: versions, model, settings, slides.

            Exit code: 0 done, 1 failed or not the same result, 2 wrong arguments, 130 interrupted.

            Examples:
              slidebridge run slide.svs --classifier tissue --out ./out
              slidebridge run he.svs ki67.svs --stain 1=he --stain 2=ki67 --classifier nuclei
              slidebridge run --verify 185714
              slidebridge run --verify 185714 slide.svs --data ./slidebridge-data --config slidebridge.json
              slidebridge run ./slides --model mitosis --json | jq '.scanResults[].results.summary'
            """)
        { slides, stain, model, company, settings, mpp, verify };
        var run = new LoneRun(command);
        var classifiers = new SettingOptions(command, [.. ServeSettings.OfClassifiers, ServeSettings.AllowHost, .. ClientSettings.All]);
        var verification = new ResultVerification(bridge, new TaskAccessOptions(command, classifiers));
        return command.Does(async (parsed, cancellationToken) =>
        {
            var stains = new ScanStains(parsed.GetValue(stain)!);
            var set = Settings(parsed.GetValue(settings));
            if (parsed.GetValue(verify) is { } verified) return await verification.RunAsync(parsed, verified, parsed.GetValue(slides)!, classifiers.Values(parsed), set, cancellationToken);
            if (parsed.GetValue(slides) is []) throw new CommandException("Name a slide.", 2);
            var error = parsed.InvocationConfiguration.Error; // stdout is only for the files' names, or the results.
            var given = parsed.Number(mpp, SlideSettings.IsMpp, SlideSettings.MppRange);
            SlideOptions OptionsOf(JsonObject? read) => SlideSettings.Apply(new SlideOptions(), read) is var options && given is { } size ? options with { Mpp = new(size, size) } : options;
            Task<NamedScans> OpenAsync(SlideOptions options) => NamedScans.OpenAsync(parsed.GetValue(slides)!, stains, error.WriteLine, options, cancellationToken);
            var values = classifiers.Values(parsed);
            await using var lone = new LoneClassifiers(bridge, BridgeOptions.ClassifiersFrom(values, bridge.DefaultClassifier));
            var scans = await OpenAsync(OptionsOf(set));
            try
            {
                var (chosen, configured) = lone.Of(parsed.GetValue(model), parsed.GetValue(company), [.. scans.All.Select(s => s.Stain)]);
                var merged = Router.SettingsOf(configured, set);
                // The slides must be open to choose the classifier; only then is it known how the classifier wants them opened.
                if (OptionsOf(merged) != OptionsOf(set))
                {
                    await scans.DisposeAsync();
                    scans = await OpenAsync(OptionsOf(merged));
                }
                foreach (var scan in scans.All) await error.WriteLineAsync($"scan {scan.Id}: {scans.NameOf(scan)}");
                var task = new ClassificationTask { TaskId = 1, Model = parsed.GetValue(model), CompanyId = parsed.GetValue(company), Scans = scans.All, Settings = merged };
                return await run.RunAsync(parsed, chosen, isDefault: !values.IsSet(ServeSettings.Classifier) && chosen.Name == bridge.DefaultClassifier, task, cancellationToken);
            }
            finally
            {
                await scans.DisposeAsync();
            }
        });
    }

    static JsonObject? Settings(string? text)
    {
        try
        {
            return text is null ? null : ReceivedJson.ParseNode(text) switch
            {
                JsonObject settings => settings,
                JsonArray { Count: 0 } => [],
                _ => throw new CommandException("--settings is not a JSON object.", 2),
            };
        }
        catch (JsonException e)
        {
            throw new CommandException($"--settings: {ReceivedJson.Fault(e)}.", 2);
        }
    }
}
