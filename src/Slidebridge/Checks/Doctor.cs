using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Events;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Techcyte;

namespace Slidebridge.Checks;

/// <summary>Checks what a bridge needs, one thing after another.</summary>
/// <param name="options">What is checked.</param>
/// <param name="services">The classifiers, what starts programs, and the platform's client; each is made when it is checked.</param>
/// <param name="publicUrl">The bridge's address for the platform, or null.</param>
sealed class Doctor(SetUpOptions options, IServiceProvider services, string? publicUrl = null)
{
    /// <summary>Tokens and presigned URLs are valid for an hour; a wrong clock shortens that.</summary>
    static readonly TimeSpan MostClockError = TimeSpan.FromSeconds(30);

    /// <summary>Less shared memory than this has room for few tiles.</summary>
    const long LeastSharedMemory = 256_000_000;

    public async IAsyncEnumerable<Finding> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(Health.Ok, "settings", $"valid; classifiers: {string.Join(", ", options.Classifier.Routes.Select(r => r.Classifier).Distinct())}");
        yield return Disk("data directory", options.Data);
        if (options.Staging.Budget > 0) yield return Disk("staging directory", options.Staging.Directory);
        yield return await DatabaseAsync(cancellationToken);
        foreach (var decoder in SlideDecoders.All)
            yield return decoder.IsFound ? new(Health.Ok, decoder.Name, "found") : new(Health.Warning, decoder.Name, $"not found: {decoder.Without}. apt-get install {decoder.Package}");

        var (platform, clock) = await PlatformAsync(cancellationToken);
        yield return platform;
        if (clock is not null) yield return clock;
        yield return await KeyAsync(cancellationToken);
        yield return await WebhookAsync(cancellationToken);
        if (options.Node.TakesTasks) yield return Tokenless();
        await foreach (var finding in EventsAsync(cancellationToken)) yield return finding;
        yield return Keys();
        if (!options.Node.RunsTasks) yield break;
        yield return Programs();
        foreach (var name in options.Classifier.Routes.Select(r => r.Classifier).Distinct())
            yield return options.Classifier.WorkerOf(name) is { } worker
                ? new(Health.Ok, $"classifier {name}", $"runs on workers of the group {worker.Group}; 'slidebridge workers list' shows them")
                : await ClassifierAsync(name, cancellationToken);
        yield return options.Outbound.SlideHosts.Count > 0
            ? new(Health.Ok, "slide hosts", $"slides may come only from the {options.Outbound.SlideHosts.Count} of --slide-host")
            : new(Health.Warning, "slide hosts", "--slide-host is not set: slides may come from every public host. Set it to the hosts of your platform's store");
        if (SharedMemory() is { } shared) yield return shared;
    }

    Finding Disk(string what, string directory)
    {
        try
        {
            var existing = directory;
            while (!Directory.Exists(existing) && Path.GetDirectoryName(Path.GetFullPath(existing)) is { } parent) existing = parent;
            using (new FileStream(Path.Combine(existing, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose)) { }
            var free = new FreeSpace(options.FreeSpace, TimeProvider.System).Of(existing);
            return free < options.FreeSpace.Floor
                ? new(Health.Missing, what, $"{directory} has {GigaBytes(free)} free, less than --min-free {GigaBytes(options.FreeSpace.Floor)}: no task would be accepted. Free some space.")
                : new(Health.Ok, what, $"{directory} is writable, {GigaBytes(free)} free");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(Health.Missing, what, $"{directory} is not writable: {(e is UnauthorizedAccessException ? "this user has no permission" : "the file system accepts no new file")}.");
        }
    }

    async Task<Finding> DatabaseAsync(CancellationToken cancellationToken)
    {
        const string What = "database";
        if (options.Database.Postgres is null) return new(Health.Ok, What, "SQLite in the data directory");
        var services = new ServiceCollection();
        services.AddTaskStorage(options.Database, null);
        await using var provider = services.BuildServiceProvider();
        try
        {
            await using var database = await provider.GetRequiredService<IDbContextFactory<TaskDatabase>>().CreateDbContextAsync(cancellationToken);
            await database.Database.OpenConnectionAsync(cancellationToken);
            await TaskStorage.CheckVersionAsync(database, cancellationToken);
            return new(Health.Ok, What, "PostgreSQL answers");
        }
        catch (Exception e) when (e is System.Data.Common.DbException or NewerDatabaseException or InvalidOperationException or TimeoutException)
        {
            return new(Health.Missing, What, $"PostgreSQL cannot be used: {e.GetBaseException().Message}");
        }
    }

    async Task<(Finding Platform, Finding? Clock)> PlatformAsync(CancellationToken cancellationToken)
    {
        const string What = "platform";
        using var http = new HttpClient { Timeout = options.Platform.Timeout };
        try
        {
            using var response = await http.GetAsync(new Uri(options.Platform.Address, "/api/v3/token"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return (new(Health.Ok, What, $"{options.Platform.Address.Host} answers"), ClockOf(response.Headers.Date));
        }
        catch (Exception e) when (e is HttpRequestException || PlatformClient.IsTimeout(e, cancellationToken))
        {
            return (new(Health.Missing, What, $"{options.Platform.Address.Host} cannot be reached: {PlatformClient.Cause(e)}.{(CertificateFailure.Of(e) is null ? " Check --host, and that outbound HTTPS is allowed." : "")}"), null);
        }
    }

    static Finding? ClockOf(DateTimeOffset? theirs)
    {
        if (theirs is not { } date) return null;
        var off = DateTimeOffset.UtcNow - date;
        return off.Duration() <= MostClockError
            ? new(Health.Ok, "clock", "agrees with the platform's")
            : new(Health.Missing, "clock", string.Create(CultureInfo.InvariantCulture, $"{off.TotalSeconds:0} s different from the platform's: valid tokens and URLs would seem expired. Synchronize it with NTP."));
    }

    async Task<Finding> KeyAsync(CancellationToken cancellationToken)
    {
        const string What = "API key";
        if (options.Platform.ApiKeyId is null)
            return new(Health.Warning, What, "not set (--api-key-id, --api-key-secret): a result whose task's own token has expired cannot be delivered");
        try
        {
            await services.GetRequiredService<PlatformClient>().Authorize(null).TokenAsync(cancellationToken);
            return new(Health.Ok, What, "the platform returned a token");
        }
        catch (PlatformException e)
        {
            return new(Health.Missing, What, e.Message);
        }
    }

    /// <summary>The proof for a task is its own token. Reports whether tasks without one are accepted, and from where.</summary>
    Finding Tokenless() => options.Webhook.AllowsTokenless
        ? new(Health.Warning, "tasks without a token", "accepted from everywhere (--allow-tokenless-tasks): anyone who knows the webhook's address can make the bridge post the result of another slide to a task of the platform")
        : new(Health.Ok, "tasks without a token", $"accepted from this machine only{(options.Platform.ApiKeyId is null ? "; without an API key the bridge cannot verify them with the platform: they wait until --delivery-window ends" : "; the bridge asks the platform whether the task exists")}");

    Finding Keys() => (options.KeyRing.Directory, options.Database.Postgres) switch
    {
        (null, null) => new(Health.Ok, "key ring", "in the data directory: back it up with the tasks, and keep the two apart"),
        (null, _) => new(Health.Warning, "key ring", "in the database whose data it encrypts, so a dump contains both. Set --key-ring to a directory that the nodes share"),
        ({ } file, _) when File.Exists(file) => new(Health.Missing, "key ring", $"{file} is a file; --key-ring must be a directory."),
        ({ } directory, _) => Disk("key ring", directory),
    };

    async Task<Finding> WebhookAsync(CancellationToken cancellationToken)
    {
        const string What = "webhook";
        if (!options.Node.TakesTasks) return new(Health.Ok, What, "this node receives no webhooks");
        if (publicUrl is null) return new(Health.Warning, What, "not checked: while the bridge runs, 'slidebridge doctor --public-url URL' checks the bridge's address for the platform");
        if (!Uri.TryCreate(publicUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) return new(Health.Missing, What, "--public-url is not an http or https URL");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(15) };
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(url.Host, cancellationToken);
            using var response = await http.GetAsync(new Uri(url, "/health/live"), cancellationToken);
            if (!(await response.Content.ReadAsStringAsync(cancellationToken)).Contains("\"status\":\"ok\"", StringComparison.Ordinal))
                return new(Health.Missing, What, $"{url.Host} answers {(int)response.StatusCode}, but not as a bridge does. Check that a bridge runs, and that the proxy forwards to it.");
            if (!addresses.Any(PublicAddress.IsPublic)) return new(Health.Warning, What, $"a bridge answers at {url.Host}, but its address is private: the platform reaches only public addresses");
            return url.Scheme == "https" ? new(Health.Ok, What, $"a bridge answers at {url.Host}") : new(Health.Warning, What, $"a bridge answers at {url.Host} over plain HTTP, so tokens are sent unencrypted. Use a proxy with TLS.");
        }
        catch (Exception e) when (e is HttpRequestException or System.Net.Sockets.SocketException || PlatformClient.IsTimeout(e, cancellationToken))
        {
            return new(Health.Missing, What, $"{url.Host} cannot be reached: {PlatformClient.Cause(e)}.{(CertificateFailure.Of(e) is null ? " Check that the bridge runs, that the name is in DNS, and that the port is open." : "")}");
        }
    }

    async IAsyncEnumerable<Finding> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (options.Events.Url is { } url) yield return await ReceiverAsync(url, cancellationToken);
        if (options.Events.Sqs is { } queue) yield return await QueueAsync(queue, cancellationToken);
    }

    /// <summary>Whether something answers there. No event is sent, so the secret is not checked.</summary>
    static async Task<Finding> ReceiverAsync(EventUrl receiver, CancellationToken cancellationToken)
    {
        const string What = "events";
        using var http = new HttpClient { Timeout = receiver.Timeout };
        try
        {
            using var response = await http.GetAsync(new Uri(receiver.Address, "/"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return new(Health.Ok, What, $"{receiver.Address.Host} answers; no event was sent");
        }
        catch (Exception e) when (e is HttpRequestException || PlatformClient.IsTimeout(e, cancellationToken))
        {
            return new(Health.Warning, What, $"{receiver.Address.Host} cannot be reached: {PlatformClient.Cause(e)}. Events are kept and tried again for --events-window");
        }
    }

    static async Task<Finding> QueueAsync(SqsQueue queue, CancellationToken cancellationToken)
    {
        const string What = "events queue";
        using var sink = new SqsSink(queue);
        var outcome = await sink.CheckAsync(cancellationToken);
        return outcome.Status is SendStatus.Accepted ? new(Health.Ok, What, "SQS answers for the queue")
            : new(Health.Warning, What, $"the queue could not be checked: {outcome.Why}. Check the queue's URL and the AWS credentials; the bridge needs sqs:SendMessage, and this check sqs:GetQueueAttributes");
    }

    async Task<Finding> ClassifierAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var classifier = services.GetRequiredService<ClassifierCatalog>().Get(name);
            var begun = Stopwatch.GetTimestamp();
            await classifier.WarmUpAsync(cancellationToken);
            return new(Health.Ok, $"classifier {classifier.Name}", string.Create(CultureInfo.InvariantCulture, $"ready after {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s"));
        }
        catch (Exception e) when (e is NotReadyException or ClassifierSettingException)
        {
            return new(Health.Missing, $"classifier {name}", e.InnerException is { InnerException.Message: var words } ? $"{e.Message}\n{words}" : e.Message);
        }
    }

    Finding Programs()
    {
        const string What = "programs";
        try
        {
            var programs = services.GetRequiredService<ProgramHost>();
            return new(programs.IsSandboxed ? Health.Ok : Health.Warning, What, programs.Description);
        }
        catch (ClassifierSettingException e)
        {
            return new(Health.Missing, What, e.Message);
        }
    }

    Finding? SharedMemory()
    {
        if (!Directory.Exists(SharedPixels.InMemory) || !options.Classifier.Routes.Any(r => r.Classifier.Contains(':', StringComparison.Ordinal) || options.Classifier.Defined.Any(d => d.Name == r.Classifier))) return null;
        var free = new DriveInfo(SharedPixels.InMemory).AvailableFreeSpace;
        return free >= LeastSharedMemory
            ? new(Health.Ok, "shared memory", $"{GigaBytes(free)} free in {SharedPixels.InMemory}")
            : new(Health.Warning, "shared memory", $"{GigaBytes(free)} free in {SharedPixels.InMemory}: tiles for programs go to the disk when it is full. Give the container more (docker run --shm-size 1g).");
    }

    static string GigaBytes(long bytes) => bytes == long.MaxValue ? "unknown" : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");
}
