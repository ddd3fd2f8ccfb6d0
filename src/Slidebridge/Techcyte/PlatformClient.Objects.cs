using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slidebridge.Techcyte;

/// <content>The platform's GraphQL query for the objects of an evaluation.</content>
sealed partial class PlatformClient
{
    /// <summary>The boxes that an evaluation stored for a scan; empty if there is no such scan or evaluation.</summary>
    /// <exception cref="PlatformException">The objects could not be read.</exception>
    public async Task<IReadOnlyList<PlatformObject>> ReadObjectsAsync(long scan, long evaluation, CancellationToken cancellationToken)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $$"""query { objects(sample_id: {{scan}}, filter: {evaluation_id: {{evaluation}}}) { confidence height width x y } }""");
        var body = new JsonObject { ["query"] = query }.ToJsonString();
        try
        {
            using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, new Uri(options.Address, "/api/graphql"))
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            }, Authorize(taskToken: null), cancellationToken);
            if (!response.IsSuccessStatusCode) throw new PlatformException($"The objects could not be read ({(int)response.StatusCode}).", RetryAfter.Of(response, time));

            using var limit = Limit(cancellationToken);
            await using var stream = await response.Content.ReadAsStreamAsync(limit.Token);
            var answer = await JsonSerializer.DeserializeAsync(stream, PlatformObjectJsonContext.Default.ObjectsAnswer, limit.Token);
            if (answer?.Errors is [var error, ..]) throw new PlatformException($"The platform refused the query for the objects: {error.Message ?? "the platform gave no reason"}");
            return answer?.Found?.Objects ?? throw new JsonException("The answer has no list of objects.");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or JsonException || IsTimeout(e, cancellationToken))
        {
            throw new PlatformException($"The objects could not be read: {Cause(e)}.", null, e);
        }
    }
}
