using System.Buffers;
using System.Security.Cryptography;

namespace Slidebridge.Fleet.Engines;

/// <summary>The names of workers that the fleet asks for: the group and ten random letters or digits, as in <c>gpu-k3v9qm2x7a</c>. Kubernetes and Batch allow no other characters.</summary>
static class FleetNames
{
    const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    const int Random = 10;

    /// <summary>So that a name is a Kubernetes label (RFC 1123, 63 characters).</summary>
    public const int LongestGroup = 50;

    /// <summary>Whether workers of this group can be named.</summary>
    public static bool IsGroup(string group) =>
        group.Length is > 0 and <= LongestGroup && char.IsAsciiLetterLower(group[0]) && group.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    public static string New(string group) => $"{group}-{RandomNumberGenerator.GetString(Alphabet, Random)}";

    public static bool IsOf(string group, string name) =>
        name.Length == group.Length + 1 + Random && name.StartsWith(group, StringComparison.Ordinal) && name[group.Length] == '-' && name.AsSpan(group.Length + 1).IndexOfAnyExcept(Allowed) < 0;
}
