using System.CommandLine;
using System.Text.Json.Nodes;
using Slidebridge.Api;
using Slidebridge.Classifiers;
using Slidebridge.Hosting;
using Slidebridge.Provenance;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Slides;
using Slidebridge.Tasks;
using Slidebridge.Units;
using Slidebridge.Webhook;

namespace Slidebridge.Commands;

/// <summary>
/// <c>slidebridge run --verify TASK</c>: computes a task's saved result again, and says what differs in the result and in what made it. Here, with the slides that are named or with the URLs of the database;
/// or on the running bridge, which keeps its URLs for itself.
/// </summary>
sealed class ResultVerification(BridgeBuilder bridge, TaskAccessOptions access)
{
    /// <summary>Differences of the result that are listed.</summary>
    const int MostListed = 20;

    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <param name="parsed">The command line.</param>
    /// <param name="id">The task.</param>
    /// <param name="slides">Its slides, in the order of its scans; none: those of its URLs.</param>
    /// <param name="values">The classifiers' settings.</param>
    /// <param name="given">Settings from the command line, which override the classifier's.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The exit code: 0 if the result is the same.</returns>
    public async Task<int> RunAsync(ParseResult parsed, string id, IReadOnlyList<string> slides, SettingValues values, JsonObject? given, CancellationToken cancellationToken)
    {
        await using var tasks = await access.OpenAsync(parsed, cancellationToken);
        var task = await tasks.ShowAsync(id, cancellationToken);
        if (await tasks.FindResultAsync(task.Task, cancellationToken) is not { } saved) throw new CommandException($"Task {task.Task} has no saved result.");
        if (task.Provenance is not { } then) throw new CommandException($"The result of task {task.Task} has no record of what made it: it is of an earlier version of the bridge.");
        if (then.Classifier is null) throw new CommandException($"The result of task {task.Task} is only the report that its analysis failed; no classifier made it.");

        if (ResultHash.Of(saved) != (then.Posted ?? then.Result)) throw new CommandException($"The saved result of task {task.Task} was changed after it was made: it does not have the SHA-256 of its record.");
        if (slides.Count == 0 && task.Rerun is { Posts: true }) throw new CommandException($"Task {task.Task} was classified again and the new result posted; to verify it on the bridge would replace what is kept of that. Name the task's slides, and the command computes it here.");

        var urls = slides.Count == 0 ? await tasks.FindSlidesAsync(task.Task, cancellationToken) : null;
        var (now, json) = slides.Count == 0 && urls is null
            ? await RerunAsync(tasks, task, parsed.InvocationConfiguration.Error, cancellationToken)
            : await ClassifyAsync(parsed, task, then.Classifier, slides, urls, values, given, cancellationToken);
        return await TellAsync(parsed.InvocationConfiguration.Output, task.Task, then, now, saved, json);
    }

    async Task<(ResultProvenance, byte[])> ClassifyAsync(
        ParseResult parsed, TaskJson task, ClassifierProvenance made, IReadOnlyList<string> slides, IReadOnlyList<RequestedScan>? urls, SettingValues values, JsonObject? given, CancellationToken cancellationToken)
    {
        var error = parsed.InvocationConfiguration.Error;
        var isAdded = made.Kind == Classifiers.Catalog.ClassifierKind.CSharp;
        var options = BridgeOptions.ClassifiersFrom(values, isAdded ? made.Name : bridge.DefaultClassifier);
        if (!isAdded && options.Routes is [{ Place: null } only] && only.Classifier == bridge.DefaultClassifier)
            throw new CommandException($"The result was made by the classifier {PlainText.Line(made.Name)} ({made.Kind}). Give it with --classifier, or the bridge's settings file with --config.", 2);
        await using var lone = new LoneClassifiers(bridge, options);
        using var http = new SlideHttp(BridgeOptions.OutboundFrom(values));
        Stain?[] stains = [.. task.Scans.Select(scan => scan.Stain is null ? null : new Stain(scan.Stain))];
        var (classifier, configured) = lone.Of(task.Model, task.Company, stains);
        var settings = Classifiers.Catalog.Router.SettingsOf(configured, given);
        IReadOnlyList<string> ids = [.. task.Scans.Select(scan => scan.Scan)];
        await using var named = urls is not null ? null
            : await NamedScans.OpenAsync(slides, new ScanStains([.. ids.Zip(stains).Where(each => each.Second is not null).Select(each => $"{each.First}={each.Second!.Value}")]), error.WriteLine, SlideSettings.Apply(new SlideOptions(), settings), cancellationToken, ids);
        await using var fetched = urls is null ? null : await RequestedScans.OpenAsync(urls, SlideSettings.Apply(http.Options, settings), cancellationToken);
        var scans = named?.All ?? fetched!.All;
        await classifier.WarmUpAsync(cancellationToken);
        var again = new ClassificationTask { TaskId = task.Task, CaseId = task.Case, CompanyId = task.Company, Model = task.Model, Scans = scans, Settings = settings };
        var results = await ScanBars.ShowAsync(error, classifier.Name, scans, context => LoneClassifiers.ClassifyAsync(classifier, again, context, cancellationToken));
        var json = ResultsValidator.SerializeValid(results, ids);
        var found = new List<SlideProvenance>();
        foreach (var scan in scans) found.Add(SlideProvenance.Of(scan.Id, await scan.OpenSlideAsync(cancellationToken)));
        return (new ResultProvenance
        {
            Bridge = BridgeProvenance.Own,
            Classifier = classifier.ProvenanceWith(settings),
            Slides = found,
            Decoders = SlideDecoders.Versions,
            Worker = Environment.MachineName,
            Run = 0,
            AcceptedAt = task.AcceptedAt,
            Result = ResultHash.Of(json),
        }, json);
    }

    /// <summary>The bridge classifies the task again, beside its result.</summary>
    static async Task<(ResultProvenance, byte[])> RerunAsync(ITaskAccess tasks, TaskJson task, TextWriter error, CancellationToken cancellationToken)
    {
        var id = PlainText.Line(task.TaskId);
        await tasks.RerunAsync(id, post: false, Environment.UserName, cancellationToken);
        await error.WriteLineAsync($"the bridge classifies task {task.Task} again; nothing is posted (Ctrl-C stops waiting, not the bridge)");
        RerunState? told = null;
        while (true)
        {
            var now = await tasks.ShowAsync(id, cancellationToken);
            if (now.Rerun is not { } rerun) throw new CommandException($"The rerun of task {task.Task} was deleted.");
            if (told != rerun.State) await error.WriteLineAsync($"  {rerun.State.ToString().ToLowerInvariant()}");
            told = rerun.State;
            if (rerun.State is RerunState.Failed) throw new CommandException($"Task {task.Task} could not be classified again: {PlainText.Line(rerun.Error)}");
            if (rerun.State is RerunState.Done)
                return (now.RerunProvenance ?? throw new CommandException("The bridge is of an earlier version, which keeps no record."), await tasks.FindRerunResultAsync(task.Task, cancellationToken) ?? throw new CommandException("The rerun's result was deleted."));
            await Task.Delay(BetweenLooks, cancellationToken);
        }
    }

    static async Task<int> TellAsync(TextWriter output, long task, ResultProvenance then, ResultProvenance now, byte[] saved, byte[] json)
    {
        var made = Differences.Between(then, now).ToList();
        foreach (var difference in made) await output.WriteLineAsync(PlainText.Line($"made by: {difference}"));
        if (HiddenSecrets.AreIn(then.Classifier?.Settings) || HiddenSecrets.AreIn(now.Classifier?.Settings)) await output.WriteLineAsync("made by: settings whose values are hidden were not compared");
        if (made.Count == 0) await output.WriteLineAsync("made by the same versions, files, settings and slides");
        if (then.Result == now.Result)
        {
            await output.WriteLineAsync($"task {task}: the result is the same (SHA-256 {then.Result.Sha256})");
            return 0;
        }
        // What --post-provenance adds is compared above.
        var isAdded = then.Posted is not null;
        var found = Differences.Between(JsonNode.Parse(saved), JsonNode.Parse(isAdded ? PostedProvenance.AddTo(json, now) : json), isAdded, MostListed + 1).ToList();
        foreach (var difference in found.Take(MostListed)) await output.WriteLineAsync(PlainText.Line($"result: {difference}"));
        if (found.Count > MostListed) await output.WriteLineAsync("result: and more");
        await output.WriteLineAsync($"task {task}: the result differs{(found.Count == 0 ? " only in the order or form of its JSON" : $" in {(found.Count > MostListed ? $"more than {MostListed} values" : Counted.Text(found.Count, "value"))}")}");
        return 1;
    }
}
