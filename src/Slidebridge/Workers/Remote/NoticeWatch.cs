namespace Slidebridge.Workers.Remote;

/// <summary>
/// Stops the worker when its machine is about to be taken away: a file appears, or a URL that answered 404 answers 200, as the notice of a spot machine does. Its tasks are then released at once, and do not count as crashes.
/// </summary>
sealed partial class NoticeWatch(WorkerOptions options, IHostApplicationLifetime host, TimeProvider time, ILogger<NoticeWatch> logger) : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2), Limit = TimeSpan.FromSeconds(5);

    /// <summary>Paths of AWS's instance metadata service, which asks for a token first (IMDSv2, Amazon EC2 User Guide, "Use the Instance Metadata Service").</summary>
    const string Metadata = "/latest/meta-data/", MetadataToken = "/latest/api/token";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Notice is not { } notice) return;
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Limit };
        var url = Uri.TryCreate(notice, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" ? parsed : null;
        try
        {
            while (!(url is null ? File.Exists(notice) : await IsThereAsync(http, url, stoppingToken))) await Task.Delay(BetweenLooks, time, stoppingToken);
            LogNoticed(logger);
            host.StopApplication();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The worker stops.
        }
    }

    static async Task<bool> IsThereAsync(HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (url.AbsolutePath.StartsWith(Metadata, StringComparison.Ordinal))
            {
                using var ask = new HttpRequestMessage(HttpMethod.Put, new Uri(url, MetadataToken));
                ask.Headers.Add("X-aws-ec2-metadata-token-ttl-seconds", "60");
                using var given = await http.SendAsync(ask, cancellationToken);
                if (given.IsSuccessStatusCode) request.Headers.Add("X-aws-ec2-metadata-token", await given.Content.ReadAsStringAsync(cancellationToken));
            }
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    [LoggerMessage(640, LogLevel.Warning, "This machine is about to be taken away (--notice): the worker releases its tasks and ends")]
    static partial void LogNoticed(ILogger logger);
}
