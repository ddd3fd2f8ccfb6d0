using System.Text.RegularExpressions;

namespace Slidebridge.Events;

/// <summary>A queue of Amazon SQS.</summary>
/// <param name="Url">The queue's URL: <c>https://sqs.REGION.amazonaws.com/ACCOUNT/NAME</c>.</param>
/// <param name="Endpoint">Where the API is called; null: at the URL's host.</param>
sealed partial record SqsQueue(Uri Url, Uri? Endpoint)
{
    /// <summary>Time limit of one attempt.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A FIFO queue keeps the order of each message group. Its name says that it is one.</summary>
    public bool IsFifo => Url.AbsolutePath.EndsWith(".fifo", StringComparison.Ordinal);

    /// <summary>The region that the host names, or null.</summary>
    public string? Region => Url.Host.Split('.').FirstOrDefault(label => RegionName().IsMatch(label));

    /// <summary>The host is the public endpoint of its region. Every other host, such as a VPC endpoint, is called as it is written.</summary>
    public bool IsOfRegion => Region is { } region && (Url.Host == $"sqs.{region}.amazonaws.com" || Url.Host == $"sqs.{region}.amazonaws.com.cn");

    /// <summary>Parses <c>--events-sqs</c>.</summary>
    /// <exception cref="FormatException">The text is not a queue's URL.</exception>
    public static Uri Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "", Segments.Length: 3 } ? url
            : throw new FormatException($"'{text}' is not a queue's URL: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME");

    [GeneratedRegex("^[a-z]{2}(-[a-z]+)+-[0-9]+$")]
    private static partial Regex RegionName();
}
