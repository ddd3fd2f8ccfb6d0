using System.Globalization;
using System.Text.Json;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Json;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Results as programs give them: JSON in the platform's schema.</summary>
static class ProgramResults
{
    /// <summary>Elements of one list. Of the smallest objects that a report counts, 64 MiB hold half as many.</summary>
    const int MostElements = 4_000_000;

    /// <summary>Members of one object and of the objects around it: that none is there twice is told by a set of their names.</summary>
    const int MostMembers = 250_000;

    /// <exception cref="InvalidResultsException">A rule of the platform is broken; every problem is told with its JSON path.</exception>
    /// <exception cref="ClassifierException">It is too large.</exception>
    public static TaskResults Of(ReadOnlyMemory<byte> json, ClassificationTask task)
    {
        Count(json);
        return ResultsJson.ParseValid(json, [.. task.Scans.Select(s => s.Id)]);
    }

    /// <param name="bytes">As many as it has; null where it was not read to its end.</param>
    /// <param name="most">As many as it may have.</param>
    public static ClassifierException TooLarge(long? bytes, long most) => new(string.Create(CultureInfo.InvariantCulture,
        $"The program's result has {(bytes is { } known ? $"{known} bytes" : "more bytes")}, more than {most} (--largest-result)."));

    static void Count(ReadOnlyMemory<byte> received)
    {
        try
        {
            var json = ReceivedJson.ToUtf8(received).Span;
            var (open, members) = (new Stack<(bool IsList, int Count)>(), 0);
            for (var reader = new Utf8JsonReader(json); reader.Read();)
            {
                if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    if (open.Pop() is (false, var closed)) members -= closed;
                    continue;
                }
                if (open.TryPop(out var parent))
                {
                    // A member is counted by its name, not by its value.
                    var counts = parent.IsList || reader.TokenType is JsonTokenType.PropertyName;
                    if (counts) parent.Count++;
                    if (counts && !parent.IsList && ++members > MostMembers) throw new ClassifierException($"The program's result has an object with more than {MostMembers} members, with those of the objects around it.");
                    if (parent is (true, > MostElements)) throw new ClassifierException($"The program's result has a list of more than {MostElements} elements.");
                    open.Push(parent);
                }
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) open.Push((reader.TokenType is JsonTokenType.StartArray, 0));
            }
        }
        catch (JsonException)
        {
            // The rules say where it is wrong.
        }
    }
}
