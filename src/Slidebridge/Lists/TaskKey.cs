using System.Buffers.Binary;
using System.Buffers.Text;

namespace Slidebridge.Lists;

/// <summary>A task's place in lists, which are sorted by it.</summary>
/// <param name="Accepted">When the task was accepted, in UTC ticks.</param>
/// <param name="Number">The task.</param>
readonly record struct TaskKey(long Accepted, long Number) : IComparable<TaskKey>
{
    const int Size = 16;

    public static readonly TaskKey First = new(long.MinValue, long.MinValue), Last = new(long.MaxValue, long.MaxValue);

    public int CompareTo(TaskKey other) => Accepted != other.Accepted ? Accepted.CompareTo(other.Accepted) : Number.CompareTo(other.Number);

    public static bool operator <(TaskKey a, TaskKey b) => a.CompareTo(b) < 0;
    public static bool operator >(TaskKey a, TaskKey b) => a.CompareTo(b) > 0;
    public static bool operator <=(TaskKey a, TaskKey b) => a.CompareTo(b) <= 0;
    public static bool operator >=(TaskKey a, TaskKey b) => a.CompareTo(b) >= 0;

    /// <summary>As a cursor of the API: 22 characters that a URL may contain.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Accepted);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Number);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Parses a cursor; false if the text is none.</summary>
    public static bool TryParse(string text, out TaskKey key)
    {
        Span<byte> bytes = stackalloc byte[Size];
        key = default;
        if (text.Length != 22 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length) || length != Size) return false;
        key = new TaskKey(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]));
        return true;
    }
}
