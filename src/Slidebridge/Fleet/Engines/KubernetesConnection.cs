using k8s;
using k8s.Autorest;
using k8s.Exceptions;
using YamlDotNet.Core;

namespace Slidebridge.Fleet.Engines;

/// <summary>A call of the API, as a Role permits it.</summary>
readonly record struct KubernetesCall(string Verb, string Resource);

/// <summary>The API of one cluster. Each call takes at most <see cref="Limit"/>, and each failure becomes a sentence.</summary>
/// <remarks>Opened at the first call, and again after one whose credentials were refused, because the files may have changed.</remarks>
sealed class KubernetesConnection(KubernetesOptions options, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    OpenApi? open;

    sealed record OpenApi(Kubernetes Client, KubernetesPlace Place);

    /// <param name="what">For the sentence of a failure.</param>
    /// <param name="call">Gets the client, the namespace and the token that ends after <see cref="Limit"/>.</param>
    /// <param name="cancellationToken">Ends the call earlier.</param>
    /// <exception cref="FleetEngineException">The cluster refused, or did not answer.</exception>
    public async Task<T> CallAsync<T>(KubernetesCall what, Func<Kubernetes, string, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var token = both.Token;
        try
        {
            // Limited here too, because a credential program of the kubeconfig has its own waits.
            open ??= await Task.Run(Open, token).WaitAsync(token);
            var (client, place) = open;
            return await Task.Run(() => call(client, place.Namespace, token), token).WaitAsync(token);
        }
        catch (Exception e) when (e is not FleetEngineException && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            var place = open?.Place ?? new KubernetesPlace(options, "", "", "");
            if (e is HttpOperationException { Response.StatusCode: System.Net.HttpStatusCode.Unauthorized }) Dispose();
            // Without the cause, because it has the request with its token.
            throw new FleetEngineException(KubernetesFailure.Sentence(e, what, place));
        }
    }

    OpenApi Open()
    {
        var (source, make) = Source();
        try
        {
            var config = make();
            config.UserAgent = KubernetesTemplate.Manager;
            config.FirstMessageHandlerSetup = handler => (handler.AllowAutoRedirect, handler.PooledConnectionLifetime) = (false, TimeSpan.FromMinutes(5));
            var area = options.Namespace ?? (string.IsNullOrWhiteSpace(config.Namespace) ? "default" : config.Namespace.Trim());
            return new(new Kubernetes(config, new BoundedAnswers()), new(options, new Uri(config.Host).Authority, area, source));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new FleetEngineException($"{char.ToUpperInvariant(source[0])}{source[1..]} cannot be used: {Why(e)}.");
        }
    }

    /// <summary>Where the cluster and the credentials come from.</summary>
    (string Source, Func<KubernetesClientConfiguration> Make) Source()
    {
        if (options is { Kubeconfig: null, Context: null } && KubernetesClientConfiguration.IsInCluster()) return ("the service account of the bridge's pod", KubernetesClientConfiguration.InClusterConfig);
        // Files are not merged: the first one of KUBECONFIG counts.
        var given = options.Kubeconfig ?? Environment.GetEnvironmentVariable("KUBECONFIG")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        var file = new FileInfo(given ?? KubernetesClientConfiguration.KubeConfigDefaultLocation);
        if (given is null && !file.Exists)
            throw new FleetEngineException($"There are no credentials for Kubernetes: set automountServiceAccountToken to true for the bridge's pod, or name a kubeconfig in the fleet's settings. {file.FullName} does not exist.");
        return ($"the kubeconfig {file.FullName}", () => KubernetesClientConfiguration.BuildConfigFromConfigFile(file, options.Context));
    }

    /// <summary>Without values of the file, which may be secrets.</summary>
    static string Why(Exception e) => e switch
    {
        AggregateException { InnerException: { } inner } => Why(inner),
        YamlException yaml => $"line {yaml.Start.Line} is not valid in a kubeconfig",
        KubeConfigException when e.Message.Contains("environment variable", StringComparison.OrdinalIgnoreCase) => "its credential program has an invalid environment variable",
        KubeConfigException or IOException or UnauthorizedAccessException => EngineText.Sentence(e.Message),
        // Its text for providers that were replaced by credential programs.
        _ when e.GetType() == typeof(Exception) => EngineText.Sentence(e.Message),
        _ => $"its certificate, its key or another value is not valid ({e.GetType().Name})",
    };

    public void Dispose()
    {
        open?.Client.Dispose();
        open = null;
    }

    /// <summary>Reads each answer as a whole, within the call's time limit.</summary>
    sealed class BoundedAnswers : DelegatingHandler
    {
        const long Longest = 64 << 20;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            try
            {
                await response.Content.LoadIntoBufferAsync(Longest, cancellationToken);
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
    }
}
