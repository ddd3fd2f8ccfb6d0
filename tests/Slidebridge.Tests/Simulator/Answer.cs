using System.Text;
using System.Text.Json.Nodes;

namespace Slidebridge.Tests.Simulation;

/// <summary>An HTTP answer that was read to its end.</summary>
sealed record Answer(int Status, byte[] Bytes, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonNode Json => JsonNode.Parse(Text)!;

    public JsonArray List => Json.AsArray();

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        (int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken),
        response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
}
