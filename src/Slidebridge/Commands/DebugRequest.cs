using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Commands;

/// <summary>
/// A debug request as people copy it from the platform's task notes: with other text around it, line breaks inside its strings
/// (the page wraps long URLs), <c>token</c> instead of <c>jwt_token</c>. (<c>\u0026</c> for &amp; is plain JSON.)
/// </summary>
static class DebugRequest
{
    /// <summary>The request in the webhook's form.</summary>
    /// <exception cref="CommandException">The text contains no JSON object.</exception>
    public static JsonObject Parse(string pasted)
    {
        var start = pasted.IndexOf('{', StringComparison.Ordinal);
        if (start < 0) throw new CommandException("There is no JSON object in the debug request; copy it from its first { to its last }.", 2);
        try
        {
            var json = ReceivedJson.ParseNode(Unwrap(pasted.AsSpan(start))) as JsonObject ?? throw new JsonException("the request is not a JSON object");
            if (json["token"] is { } token && json["jwt_token"] is null) json["jwt_token"] = token.DeepClone();
            json.Remove("token");
            return json;
        }
        catch (JsonException e)
        {
            throw new CommandException($"The debug request cannot be read: {ReceivedJson.Fault(e)}.", 2);
        }
    }

    /// <summary>
    /// The first JSON object of the text, without line breaks inside strings (and the indentation around them):
    /// valid JSON has none there, so the page added them.
    /// </summary>
    static string Unwrap(ReadOnlySpan<char> text)
    {
        var json = new StringBuilder(text.Length);
        var (depth, inString, escaped) = (0, false, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (inString && c is '\r' or '\n')
            {
                while (json[^1] is ' ' or '\t') json.Length--;
                while (i + 1 < text.Length && text[i + 1] is ' ' or '\t' or '\r' or '\n') i++;
                continue;
            }
            json.Append(c);
            if (escaped) escaped = false;
            else if (inString && c == '\\') escaped = true;
            else if (c == '"') inString = !inString;
            else if (!inString && c == '{') depth++;
            else if (!inString && c == '}' && --depth == 0) break;
        }
        return json.ToString();
    }
}
