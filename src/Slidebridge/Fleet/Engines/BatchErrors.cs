using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Amazon.Runtime;

namespace Slidebridge.Fleet.Engines;

/// <summary>Says in sentences what went wrong with a call of AWS Batch, and what to do. Texts of AWS are shown only where they cannot contain a signature or a token.</summary>
/// <param name="options">The queue and the definition that sentences name.</param>
/// <param name="endpoint">Where the API is called; null: not known yet.</param>
sealed partial class BatchErrors(BatchOptions options, string? endpoint)
{
    static readonly string[] Throttling = ["TooManyRequestsException", "ThrottlingException", "Throttling", "ThrottledException", "RequestThrottledException", "RequestThrottled", "RequestLimitExceeded", "LimitExceededException", "SlowDown"];
    static readonly string[] Expired = ["ExpiredTokenException", "ExpiredToken", "TokenRefreshRequired"];
    static readonly string[] Unknown = ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "MissingAuthenticationTokenException", "MissingAuthenticationToken", "NotAuthorized", "OptInRequired"];
    static readonly string[] Signature = ["InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignatureException", "IncompleteSignature", "RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture", "AuthFailure"];
    static readonly string[] Denied = ["AccessDeniedException", "AccessDenied", "UnauthorizedOperation"];

    const string NoCredentials = "The AWS SDK finds no credentials for AWS Batch. Give the bridge's machine or container a role, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";

    /// <summary>AWS has read the request and refuses it. Without a refusal, the request may have been carried out.</summary>
    public static bool IsRefusal(FleetEngineException e) => e.InnerException is AmazonServiceException { StatusCode: >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError };

    /// <summary>AWS does not know the job.</summary>
    public static bool IsUnknownJob(FleetEngineException e) => IsRefusal(e) && e.InnerException is AmazonServiceException { ErrorCode: "ClientException" } && Missing().IsMatch(e.InnerException.Message);

    /// <summary>A call may fail with it, and <see cref="Of"/> has a sentence for it.</summary>
    public static bool IsKnown(Exception e) => e is AmazonServiceException or HttpRequestException or IOException or SocketException or InvalidDataException or JsonException || IsOfCredentials(e);

    /// <summary>The SDK cannot use the credentials that it found, such as a role for which it lacks a package.</summary>
    static bool IsOfCredentials(Exception e) => e is AmazonClientException or ProcessAWSCredentialException or Amazon.Runtime.Internal.Auth.SignatureException or InvalidOperationException and not ObjectDisposedException;

    public FleetEngineException Of(string operation, Exception e) => new(e switch
    {
        AmazonServiceException { StatusCode: not 0 } answer => Refusal(operation, answer),
        InvalidOperationException => $"The AWS SDK cannot use the credentials that it finds: {Line(e.Message)}.",
        AmazonServiceException => NoCredentials,
        _ when IsOfCredentials(e) => NoCredentials,
        InvalidDataException => $"The answer to {operation} has more than {BatchClient.MaxAnswer >> 20} MiB. Check what answers at {endpoint}.",
        JsonException => $"The answer to {operation} is not as AWS Batch documents it. Check what answers at {endpoint}.",
        _ => $"AWS Batch cannot be reached at {endpoint}: {Line(e.GetBaseException().Message)}. Check the region, the network and the proxy.",
    }, e);

    string Refusal(string operation, AmazonServiceException e) => e.ErrorCode switch
    {
        var code when Throttling.Contains(code) || e.StatusCode is HttpStatusCode.TooManyRequests => $"AWS Batch limits the rate of calls ({operation}: {Code(e)}). The bridge tries again later.",
        var code when Expired.Contains(code) => $"The AWS credentials have expired ({Code(e)}). Renew them; a role is renewed by itself.",
        var code when Unknown.Contains(code) => $"AWS does not know the credentials ({Code(e)}). Check the access key, and that its account may use the region.",
        var code when Signature.Contains(code) => $"AWS refuses the signature of {operation} ({Code(e)}). Check the secret access key and this machine's clock.",
        var code when Denied.Contains(code) => Denial(operation, e.Message),
        _ when e.StatusCode >= HttpStatusCode.InternalServerError => $"AWS Batch failed while it worked on {operation} ({Code(e)}). The bridge tries again later.",
        "ClientException" => Client(operation, e.Message),
        _ => $"AWS Batch refuses {operation} ({Code(e)}).",
    };

    static string Denial(string operation, string text)
    {
        var action = Action().Match(text) is { Success: true } named ? named.Value : $"batch:{operation}";
        var resource = Resource().Match(text) is { Success: true } on ? $" on {on.Groups[1].Value}" : "";
        return $"The AWS credentials may not use {action}{resource}. Allow it in the policy of the bridge's role or user.";
    }

    string Client(string operation, string text)
    {
        var isMissing = Missing().IsMatch(text);
        if (text.Contains("definition", StringComparison.OrdinalIgnoreCase) && (isMissing || Inactive().IsMatch(text)))
            return $"AWS Batch has no active job definition '{options.Definition}'. Register it, or correct \"definition\" of the engine.";
        if (text.Contains("queue", StringComparison.OrdinalIgnoreCase))
        {
            if (isMissing) return $"AWS Batch has no job queue '{options.Queue}' in this account and region. Create it, or correct \"queue\" and \"region\" of the engine.";
            if (Inactive().IsMatch(text)) return $"The job queue '{options.Queue}' is disabled. Enable it: aws batch update-job-queue --job-queue {options.Queue} --state ENABLED";
        }
        return $"AWS Batch refuses {operation}: {Line(text)}.";
    }

    static string Code(AmazonServiceException e) => string.IsNullOrEmpty(e.ErrorCode) ? $"{(int)e.StatusCode}" : $"{Line(e.ErrorCode)}, {(int)e.StatusCode}";

    /// <summary>A text of another program as a part of a line: without line feeds, not long, without a full stop.</summary>
    public static string Line(string text)
    {
        var line = Spaces().Replace(text, " ").Trim();
        return (line.Length <= 300 ? line : line[..300] + "…").TrimEnd('.', ' ');
    }

    [GeneratedRegex(@"batch:[A-Za-z]+")]
    private static partial Regex Action();

    [GeneratedRegex(@"on resource: (arn:[^\s""]+)")]
    private static partial Regex Resource();

    [GeneratedRegex("does ?n[o']t exist|not found|not be found|can't be found|no such", RegexOptions.IgnoreCase)]
    private static partial Regex Missing();

    [GeneratedRegex("disabled|inactive|not active|not (in )?(the )?enabled|deleted|deregistered", RegexOptions.IgnoreCase)]
    private static partial Regex Inactive();

    [GeneratedRegex(@"[\s\p{C}]+")]
    private static partial Regex Spaces();
}
