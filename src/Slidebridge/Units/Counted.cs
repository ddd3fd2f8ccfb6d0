using System.Globalization;

namespace Slidebridge.Units;

/// <summary>A number with its noun: <c>1 task</c>, <c>2 tasks</c>.</summary>
static class Counted
{
    /// <param name="count">The number.</param>
    /// <param name="one">The noun for one.</param>
    /// <param name="many">The noun for any other number; null: with an s.</param>
    public static string Text(long count, string one, string? many = null) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");
}
