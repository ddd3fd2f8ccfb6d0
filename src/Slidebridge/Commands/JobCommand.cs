using System.CommandLine;
using System.Text;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Delivery;
using Slidebridge.Execution;
using Slidebridge.Hosting;
using Slidebridge.Jobs;
using Slidebridge.Overlays;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Techcyte;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge job</c>: one task in one process, for a batch scheduler or the platform's Model Hosting Service.</summary>
static class JobCommand
{
    static readonly TimeSpan UploadLimit = TimeSpan.FromMinutes(2);

    static readonly IReadOnlyList<Setting> Settings =
    [
        .. ServeSettings.OfClassifiers, ServeSettings.Host, ServeSettings.PlatformUrl, ServeSettings.PlatformTimeout, ServeSettings.ApiKeyId, ServeSettings.ApiKeySecret,
        ServeSettings.AllowHost, ServeSettings.SlideHost, ServeSettings.DenyNetwork, ServeSettings.RetryFirst, ServeSettings.RetryLongest, ServeSettings.DeliverySettle,
    ];

    /// <param name="bridge">The classifiers that were added.</param>
    /// <param name="environment">The variables; null for the process's own.</param>
    public static Command Create(BridgeBuilder bridge, Func<string, string?>? environment = null)
    {
        var variables = environment ?? Environment.GetEnvironmentVariable;
        var window = new Option<string>("--delivery-window") { HelpName = "TIME", Description = "How long to retry delivery before the job fails.", DefaultValueFactory = _ => "10m" };
        var model = new Option<string?>("--model") { HelpName = "NAME", Description = "The model, for routes that use it." };
        var stain = new Option<string?>("--stain") { HelpName = "VALUE", Description = "The scan's stain, for routes and classifiers that use it." };
        var command = new Command("job", """
            Runs one task in one process, for a batch scheduler.

            The platform's Model Hosting Service also starts it in your container. The task comes in environment variables:

              TASK_ID, SCAN_ID       the task and its scan
              SCAN_URL               the slide; if SCAN_URL_ZIP is set, with all layers of a DICOM slide, it is used instead
              JWT_TOKEN              the task's own token; or API_KEY_ID and API_KEY_SECRET
              HOST                   the platform, such as app.techcyte.com
              DEBUG_FILE_UPLOAD_URL  where a ZIP of log, results, overlay and the classifier's debug files is uploaded, also if the job fails

            The results are posted once: if those of an earlier attempt are on the platform, the job ends at once, with 0. If they cannot be
            posted, they are printed.

            Exit code: 0 delivered, 1 failed permanently, 2 wrong environment or arguments, 75 failed, but another start may succeed,
            130 interrupted.

            Example:
              TASK_ID=185714 SCAN_ID=1414532 SCAN_URL='https://…' JWT_TOKEN=… HOST=ci.techcyte.com slidebridge job --classifier tissue
            """)
        { window, model, stain };
        var settings = new SettingOptions(command, Settings);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var values = settings.Values(parsed, name => HostedVariable(name, variables));
            if (Duration.Parse(parsed.GetValue(window)!) is not { } patience) throw new SettingException("--delivery-window must be a time such as 10m.");
            var (task, platform) = (JobTask.From(variables), BridgeOptions.PlatformFrom(values));
            // Checked now: not after the classifier's work, and not as an error that a new start may fix.
            if (task.Token is null && platform.ApiKeyId is null) throw new JobEnvironmentException("Neither JWT_TOKEN nor API_KEY_ID and API_KEY_SECRET are set, so the results could not be delivered.");
            var job = new Job(
                task, BridgeOptions.ClassifiersFrom(values, bridge.DefaultClassifier), platform, BridgeOptions.OutboundFrom(values),
                new DeliveryOptions(patience, values.Get(ServeSettings.DeliverySettle), BridgeOptions.BackoffFrom(values)),
                parsed.GetValue(model), parsed.GetValue(stain) is { } value ? new Stain(value) : null);
            return await RunAsync(bridge, job, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken);
        });
    }

    sealed record Job(JobTask Task, ClassifierOptions Classifiers, PlatformOptions Platform, OutboundOptions Outbound, DeliveryOptions Delivery, string? Model, Stain? Stain);

    /// <summary>The Model Hosting Service's variable for a setting.</summary>
    static string? HostedVariable(string name, Func<string, string?> variables) => variables(name) is { Length: > 0 } own ? own : name switch
    {
        "SLIDEBRIDGE_HOST" => variables("HOST"),
        "SLIDEBRIDGE_API_KEY_ID" => variables("API_KEY_ID"),
        "SLIDEBRIDGE_API_KEY_SECRET" => variables("API_KEY_SECRET"),
        _ => null,
    };

    static async Task<int> RunAsync(BridgeBuilder bridge, Job job, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var archive = new JobArchive();
        void Tell(string line)
        {
            archive.Tell(line);
            lock (error) error.WriteLine(PlainText.Lines(line));
        }

        using var http = new SlideHttp(job.Outbound);
        try
        {
            return await RunAsync(bridge, job, http, archive, output, Tell, cancellationToken);
        }
        catch (Exception e) when (e is not (OperationCanceledException or ClassifierSettingException))
        {
            var failure = TaskFailure.Of(e);
            Tell($"slidebridge: {failure.Message}");
            if (failure.Cause is { } cause) Tell(cause);
            return failure.IsTransient ? CommandLine.TryAgain : 1;
        }
        finally
        {
            if (job.Task.DebugUploadUrl is { } url)
            {
                using var limit = new CancellationTokenSource(UploadLimit);
                if (await archive.UploadAsync(http.Options.HttpClient!, url, limit.Token) is { } why) Tell($"warning: the archive for DEBUG_FILE_UPLOAD_URL could not be uploaded: {why}");
            }
        }
    }

    static async Task<int> RunAsync(BridgeBuilder bridge, Job job, SlideHttp http, JobArchive archive, TextWriter output, Action<string> tell, CancellationToken cancellationToken)
    {
        await using var classifiers = new LoneClassifiers(bridge, job.Classifiers, job.Platform);
        var (classifier, settings) = classifiers.Of(job.Model, null, [job.Stain]);
        var delivery = new JobDelivery(classifiers.Platform, job.Task, job.Delivery, TimeProvider.System, tell);
        tell($"{job.Task}: classifier {classifier.Name}, platform {job.Platform.Address.Host}");
        if (await IsDeliveredAsync(delivery, tell, cancellationToken))
        {
            tell("an earlier attempt has delivered the results; there is nothing to do");
            return 0;
        }

        // The classifier warms up while the slide is opened: a GPU is paid by the minute.
        var warming = classifier.WarmUpAsync(cancellationToken);
        using var copies = new LocalSlides(parent: null);
        await using var scan = ScanOf(job, SlideSettings.Apply(http.Options, settings), copies);
        var slide = await scan.OpenSlideAsync(cancellationToken);
        tell($"slide {slide.Format}, {slide.Width} × {slide.Height}");
        await warming;

        var task = new ClassificationTask { TaskId = job.Task.Number, Model = job.Model, Scans = [scan], Settings = settings };
        var results = await LoneClassifiers.ClassifyAsync(classifier, task, new ClassifierContext(new ToLines(tell), new LineLogger(tell)) { DebugFile = (name, content) => archive.Add($"debug/{name}", content) }, cancellationToken);
        var json = ResultsValidator.SerializeValid(results, [scan.Id]);
        archive.Add("results.json", json);
        archive.Add("overlay.png", OverlayPainter.Paint(await OverlayThumbnails.TakeAsync(slide, cancellationToken), results.ScanResults.FirstOrDefault(r => r.ScanId == scan.Id)));
        foreach (var line in SlideWarningLines.Of(slide)) tell(line);
        try
        {
            await delivery.DeliverAsync(json, cancellationToken);
        }
        catch
        {
            // Printed so that an hour of GPU work is not lost: a container's log is kept longer than the container.
            await output.WriteLineAsync(Encoding.UTF8.GetString(json));
            throw;
        }
        tell("delivered");
        return 0;
    }

    static async Task<bool> IsDeliveredAsync(JobDelivery delivery, Action<string> tell, CancellationToken cancellationToken)
    {
        try
        {
            return await delivery.IsThereAsync(cancellationToken);
        }
        catch (PlatformException e)
        {
            tell($"warning: the platform could not be asked whether an earlier attempt has delivered the results ({e.Message.TrimEnd('.')}); the job asks again before the post");
            return false;
        }
    }

    static Scan ScanOf(Job job, SlideOptions options, LocalSlides copies)
    {
        Slide? slide = null;
        return new Scan(
            job.Task.ScanId, job.Stain, async c => slide = await Slide.OpenAsync(SlideUrl.Parse(job.Task.SlideUrl), options, c),
            c => copies.CopyAsync(job.Task.ScanId, slide?.Format ?? "", [job.Task.SlideUrl], options, c));
    }

    /// <summary>Prints a line for each 10 %.</summary>
    sealed class ToLines(Action<string> tell) : IProgress<ScanProgress>
    {
        int told;

        public void Report(ScanProgress value)
        {
            var tenth = (int)(value.Fraction * 10);
            if (Interlocked.Exchange(ref told, tenth) < tenth) tell($"{tenth * 10} %");
        }
    }
}
