using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Slidebridge.Slides.Writing;

/// <summary>Identifiers under 2.25, which is a UUID as one decimal number (PS3.5 §B.2): random, or derived from a seed.</summary>
sealed class DicomUids(string? seed)
{
    readonly string root = seed ?? Guid.NewGuid().ToString("n");

    /// <param name="what">The thing to identify: the same text gives the same identifier.</param>
    public string For(string what)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{root}/{what}")).AsSpan(0, 16);
        // RFC 9562 §5.8: the content of version 8 is vendor-specific.
        hash[6] = (byte)(hash[6] & 0x0F | 0x80);
        hash[8] = (byte)(hash[8] & 0x3F | 0x80);
        return "2.25." + new BigInteger(hash, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture);
    }
}
