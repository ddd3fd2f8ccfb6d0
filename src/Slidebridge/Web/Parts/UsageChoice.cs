using Slidebridge.Usage;

namespace Slidebridge.Web.Parts;

/// <summary>What the address of the usage page chooses. A form sends each key by itself, and fields that are empty; a link, several keys in one.</summary>
static class UsageChoice
{
    public static UsageRequest Of(IQueryCollection query, DateTimeOffset now) => UsageRequest.Parse(Given(query["from"]), Given(query["to"]), Given(string.Join(',', query["by"].OfType<string>())), now);

    static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
