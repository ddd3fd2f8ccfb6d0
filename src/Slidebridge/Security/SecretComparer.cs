using System.Security.Cryptography;
using System.Text;

namespace Slidebridge.Security;

/// <summary>Compares secrets in a time that tells nothing of them.</summary>
static class SecretComparer
{
    /// <summary>Whether what was given is what is expected; with nothing expected, nothing may be given.</summary>
    public static bool Matches(string? expected, string? given) => (expected, given) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        // Hashed first, so that the lengths do not show either.
        _ => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(expected)), SHA256.HashData(Encoding.UTF8.GetBytes(given))),
    };
}
