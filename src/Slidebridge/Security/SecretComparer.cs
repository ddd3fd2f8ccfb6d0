using System.Security.Cryptography;
using System.Text;

namespace Slidebridge.Security;

/// <summary>Compares secrets in a time that reveals nothing about them.</summary>
static class SecretComparer
{
    /// <summary>Whether the given secret is the expected one; if none is expected, none may be given.</summary>
    public static bool Matches(string? expected, string? given) => (expected, given) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        // Hash first, so that the time does not show the lengths either.
        _ => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(expected)), SHA256.HashData(Encoding.UTF8.GetBytes(given))),
    };
}
