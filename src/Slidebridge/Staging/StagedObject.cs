using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Slidebridge.Slides;

namespace Slidebridge.Staging;

/// <summary>
/// A whole object in the staging directory. Its metadata is the file's name, <c>KEY-LENGTH-CHECKSUM-VERSION.slide</c>, so that one rename publishes content and metadata
/// together, and no index can disagree with the directory.
/// </summary>
/// <param name="Key">Identifies the object, see <see cref="KeyOf"/>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Checksum">The content's XXH128, in hexadecimal.</param>
/// <param name="Version">A hash of each ETag that the object had, joined by <c>+</c>, or <c>none</c>: nodes of one store may have different ETags for the same bytes.</param>
sealed record StagedObject(string Key, long Length, string Checksum, string Version)
{
    public const string Extension = ".slide";

    const string NoVersion = "none";

    // A file name can have 255 bytes.
    const int MostVersions = 6;

    public string FileName => string.Create(CultureInfo.InvariantCulture, $"{Key}-{Length}-{Checksum}-{Version}{Extension}");

    /// <summary>The URL without its signature, hashed: the next presigned URL of the same object has the same key, and a directory listing shows no paths.</summary>
    public static string KeyOf(string url) => Hash(PresignedUrl.Unsigned(url));

    public static string VersionOf(ByteSource source) => source.Versions.Count == 0 ? NoVersion : string.Join('+', source.Versions.Take(MostVersions).Select(tag => Hash(tag)[..16]));

    /// <summary>The metadata of a file, or null if the name is not one of a staged object.</summary>
    public static StagedObject? Parse(string fileName) =>
        fileName.EndsWith(Extension, StringComparison.Ordinal)
        && fileName[..^Extension.Length].Split('-') is [{ Length: 32 } key, var bytes, { Length: 32 } checksum, var version]
        && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? new StagedObject(key, length, checksum, version)
            : null;

    /// <summary>Whether a server's object is this one, as far as the server's answer shows.</summary>
    public bool IsThatOf(ByteSource source) =>
        source.Length == Length && (VersionOf(source) is var version && (version == NoVersion || Version == NoVersion || version.Split('+').Intersect(Version.Split('+')).Any()));

    // A cryptographic hash: URLs come from outside, and nobody must be able to make two with the same key.
    static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
