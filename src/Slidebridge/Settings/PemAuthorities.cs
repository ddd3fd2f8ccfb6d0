using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Slidebridge.Settings;

/// <summary>Certificate authorities in a PEM file.</summary>
static class PemAuthorities
{
    /// <param name="file">The file.</param>
    /// <param name="flag">The setting that names it, for the error message.</param>
    /// <exception cref="SettingException">The file cannot be read, or has no certificate.</exception>
    public static X509Certificate2Collection Read(string file, string flag)
    {
        var read = new X509Certificate2Collection();
        try
        {
            read.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SettingException($"{flag}: {file} cannot be read: {e.Message.TrimEnd('.')}.");
        }
        return read.Count > 0 ? read : throw new SettingException($"{flag}: {file} has no certificate in PEM form (-----BEGIN CERTIFICATE-----).");
    }
}
