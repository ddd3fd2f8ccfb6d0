using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Fleet.Engines;

/// <summary>Where calls go, for messages.</summary>
/// <param name="Options">The settings.</param>
/// <param name="Host">The API's host and port; empty: not known yet.</param>
/// <param name="Namespace">The namespace of the Jobs.</param>
/// <param name="Source">Where the credentials come from.</param>
sealed record KubernetesPlace(KubernetesOptions Options, string Host, string Namespace, string Source);

/// <summary>A failed call as a sentence for the operator: who refused what, and what to do.</summary>
static class KubernetesFailure
{
    public static string Sentence(Exception failure, KubernetesCall call, KubernetesPlace place) => failure switch
    {
        AggregateException { InnerException: { } inner } => Sentence(inner, call, place),
        HttpOperationException refused => Refusal(refused, call, place),
        OperationCanceledException when place.Host.Length == 0 => $"The credentials of the Kubernetes cluster were not ready within {KubernetesConnection.Limit.TotalSeconds:0} s: check the credential program of the kubeconfig.",
        OperationCanceledException or TimeoutException => $"The Kubernetes API at {place.Host} did not answer within {KubernetesConnection.Limit.TotalSeconds:0} s.",
        JsonException or FormatException => $"The answer of the Kubernetes API at {place.Host} cannot be understood: check that the address is a Kubernetes API, version 1.25 or later.",
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => $"The answer of the Kubernetes API at {place.Host} is too long.",
        HttpRequestException or SocketException or IOException => $"The Kubernetes API at {place.Host} cannot be reached: {Cause(failure)}.",
        _ => $"The Kubernetes API at {place.Host} could not be called ({failure.GetType().Name}).",
    };

    /// <summary>The reason that the API gives, such as <c>AlreadyExists</c>; null: none.</summary>
    public static string? ReasonOf(HttpOperationException refused) => StatusOf(refused)?.Reason;

    public static HttpStatusCode? CodeOf(HttpOperationException refused) => refused.Response?.StatusCode;

    static string Refusal(HttpOperationException refused, KubernetesCall call, KubernetesPlace place)
    {
        var (status, code) = (StatusOf(refused), (int)(CodeOf(refused) ?? 0));
        var message = string.IsNullOrWhiteSpace(status?.Message) ? null : EngineText.Sentence(status.Message);
        var doing = $"{call.Verb} {call.Resource} in the namespace {place.Namespace}";
        return code switch
        {
            401 => $"The Kubernetes API at {place.Host} does not accept the credentials of {place.Source} (401).",
            403 when message is null || message.Contains($"cannot {call.Verb} resource", StringComparison.Ordinal) =>
                $"The Kubernetes account of {place.Source} may not {doing} (403): give it a Role with the verb '{call.Verb}' on '{call.Resource}'.",
            403 => $"Kubernetes refused to {doing} (403): {message}.",
            404 when status?.Details?.Kind == "namespaces" => $"The namespace {place.Namespace} does not exist in the Kubernetes cluster at {place.Host}: create it, or correct 'namespace' in the fleet's settings.",
            404 => $"The server at {place.Host} cannot {doing} (404): check that the address is a Kubernetes API.",
            400 or 422 when call.Verb == "create" => $"Kubernetes does not accept the Job of {place.Options.Template} ({code}): {message ?? "it gave no reason"}.",
            429 => $"The Kubernetes API at {place.Host} asks for fewer calls (429){(RetryAfter(refused) is { } seconds ? $": it accepts the next one in {seconds} s" : "")}.",
            >= 500 => $"The Kubernetes API at {place.Host} failed to {doing} ({code}){(message is null ? "" : $": {message}")}.",
            _ => $"The Kubernetes API at {place.Host} refused to {doing} ({code}){(message is null ? "" : $": {message}")}.",
        };
    }

    static int? RetryAfter(HttpOperationException refused) =>
        refused.Response.Headers.FirstOrDefault(h => h.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Value?.FirstOrDefault() is { } text && int.TryParse(text, out var seconds) && seconds >= 0 ? seconds : null;

    static V1Status? StatusOf(HttpOperationException refused)
    {
        try
        {
            return string.IsNullOrWhiteSpace(refused.Response?.Content) ? null : KubernetesJson.Deserialize<V1Status>(refused.Response.Content);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }

    static string Cause(Exception e)
    {
        if (CertificateFailure.Of(e, "name it as certificate-authority in the kubeconfig") is { } why) return why;
        for (var inner = e; inner is not null; inner = inner.InnerException)
            if (inner is SocketException socket) return socket.Message;
        return e is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http ? http.HttpRequestError.ToString() : "the connection broke";
    }
}
