using System.Text;
using System.Text.Json;

namespace Slidebridge.Sdk.Json;

/// <summary>The member names of the objects that are being read, to find duplicate names.</summary>
sealed class MemberNames(ReadOnlyMemory<byte> json) : IEqualityComparer<MemberNames.Name>
{
    /// <summary>Up to this number of members, comparing with each is faster than a set.</summary>
    const int Few = 16;

    readonly List<Name> names = [];
    readonly Stack<(int First, HashSet<Name>? Set)> open = [];
    int? repeated;
    bool isNoUnicode;

    public void Open() => open.Push((names.Count, null));

    public void Close()
    {
        var (first, _) = open.Pop();
        names.RemoveRange(first, names.Count - first);
    }

    public void Add(ref Utf8JsonReader reader)
    {
        if (repeated is not null || isNoUnicode) return;
        var name = Of(ref reader);
        var (first, set) = open.Peek();
        if (set is null && names.Count - first >= Few)
        {
            set = new HashSet<Name>(names.Skip(first), this);
            open.Pop();
            open.Push((first, set));
        }
        if (set is not null ? !set.Add(name) : IsIn(first, name)) repeated = (int)reader.TokenStartIndex;
        else if (set is null) names.Add(name);
    }

    /// <param name="options">The reader's options.</param>
    /// <exception cref="RepeatedKeyException">An object has a name twice.</exception>
    /// <exception cref="JsonException">A name is not Unicode.</exception>
    public void ThrowIfWrong(JsonReaderOptions options)
    {
        if (isNoUnicode) throw new JsonException("a key is not Unicode text");
        if (repeated is { } second) throw RepeatedKeyException.At(json.Span, second, options);
    }

    Name Of(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return new Name((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length, null);
        try
        {
            return new Name(0, 0, Encoding.UTF8.GetBytes(reader.GetString()!));
        }
        catch (InvalidOperationException)
        {
            isNoUnicode = true;
            return default;
        }
    }

    bool IsIn(int first, Name name)
    {
        for (var i = first; i < names.Count; i++)
            if (Equals(names[i], name)) return true;
        return false;
    }

    ReadOnlySpan<byte> TextOf(Name name) => name.Unescaped ?? json.Span.Slice(name.Start, name.Length);

    public bool Equals(Name x, Name y) => TextOf(x).SequenceEqual(TextOf(y));

    public int GetHashCode(Name name)
    {
        var hash = new HashCode();
        hash.AddBytes(TextOf(name));
        return hash.ToHashCode();
    }

    /// <summary>A name: a part of the text, or, if it is escaped there, a separate UTF-8 copy.</summary>
    internal readonly record struct Name(int Start, int Length, byte[]? Unescaped);
}
