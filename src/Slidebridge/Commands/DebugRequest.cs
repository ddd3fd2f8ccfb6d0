using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Commands;

/// <summary>
/// A debug request as people copy it from the platform's task notes: other text around it, line breaks in the middle of its strings
/// (long URLs are wrapped on the screen), <c>token</c> instead of <c>jwt_token</c>. (<c>\u0026</c> for &amp; is plain JSON.)
/// </summary>
static class DebugRequest
{
    /// <summary>The request as a webhook takes it.</summary>
    /// <exception cref="CommandException">There is no JSON object in it.</exception>
    public static JsonObject Parse(string pasted)
    {
        var start = pasted.IndexOf('{', StringComparison.Ordinal);
        if (start < 0) throw new CommandException("There is no JSON object in the debug request; copy it from its first { to its last }.", 2);
        try
        {
            var json = ReceivedJson.ParseNode(Unwrap(pasted.AsSpan(start))) as JsonObject ?? throw new JsonException("it is no JSON object");
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
    /// The first JSON object of the text, without the line breaks that stand inside strings (and the indentation around them):
    /// JSON has none there, so whatever shows them put them in.
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
