using System.Globalization;
using System.Text.Json;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Results as programs give them: JSON in the platform's schema.</summary>
static class ProgramResults
{
    /// <summary>Values, lists and objects of one result. A document takes memory for each, however short: bytes alone do not bound it.</summary>
    const int MostValues = 4_000_000;

    /// <summary>Members of one object: that none is there twice is told by a set of their names.</summary>
    const int MostMembers = 250_000;

    /// <exception cref="InvalidResultsException">A rule of the platform is broken; every problem is told with its JSON path.</exception>
    /// <exception cref="ClassifierException">It is too large.</exception>
    public static TaskResults Of(ReadOnlyMemory<byte> json, ClassificationTask task)
    {
        Count(json.Span);
        return ResultsJson.ParseValid(json, [.. task.Scans.Select(s => s.Id)]);
    }

    /// <param name="bytes">As many as it has; null where it was not read to its end.</param>
    /// <param name="most">As many as it may have.</param>
    public static ClassifierException TooLarge(long? bytes, long most) => new(string.Create(CultureInfo.InvariantCulture,
        $"The program's result has {(bytes is { } known ? $"{known} bytes" : "more bytes")}, more than {most} (--largest-result)."));

    static void Count(ReadOnlySpan<byte> json)
    {
        try
        {
            var values = 0;
            var members = new Stack<int>();
            for (var reader = new Utf8JsonReader(json); reader.Read();)
            {
                if (reader.TokenType is JsonTokenType.StartObject) members.Push(0);
                if (reader.TokenType is JsonTokenType.EndObject) members.Pop();
                if (reader.TokenType is JsonTokenType.PropertyName) members.Push(members.Pop() + 1);
                if (members.TryPeek(out var inOne) && inOne > MostMembers) throw new ClassifierException($"The program's result has an object with more than {MostMembers} members.");
                if (++values > MostValues) throw new ClassifierException(string.Create(CultureInfo.InvariantCulture, $"The program's result has more than {MostValues} values, lists, objects and names in its JSON."));
            }
        }
        catch (JsonException)
        {
            // The rules say where it is wrong.
        }
    }
}
