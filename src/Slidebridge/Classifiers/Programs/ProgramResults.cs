using System.Globalization;
using System.Text.Json;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Json;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Results as programs send them: JSON in the platform's schema.</summary>
static class ProgramResults
{
    /// <summary>Maximum elements of one list. 64 MiB hold half as many of the smallest objects that a report counts.</summary>
    const int MostElements = 4_000_000;

    /// <summary>Maximum members of one object and of the objects around it: a set of their names is kept, to find duplicates.</summary>
    const int MostMembers = 250_000;

    /// <exception cref="InvalidResultsException">A rule of the platform is broken; every problem is reported with its JSON path.</exception>
    /// <exception cref="ClassifierException">The result is too large.</exception>
    public static TaskResults Of(ReadOnlyMemory<byte> json, ClassificationTask task)
    {
        Count(json);
        return ResultsJson.ParseValid(json, [.. task.Scans.Select(s => s.Id)]);
    }

    /// <param name="bytes">The size; null if the result was not read to its end.</param>
    /// <param name="most">The maximum size.</param>
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
            // Validation reports where it is wrong.
        }
    }
}
