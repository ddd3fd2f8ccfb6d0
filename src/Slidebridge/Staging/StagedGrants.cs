using System.Security.Cryptography;
using System.Text;
using Slidebridge.Security;

namespace Slidebridge.Staging;

/// <summary>
/// Which URLs give access to which copy: those that the store itself has answered successfully, each recorded as a file <c>KEY-CHECKSUM/URL</c> in the staging directory. The signature is part of the
/// hash, so another URL of the same object gives no access before the store has answered that URL. A record lasts as long as the copy, across restarts and for all nodes that share the directory.
/// </summary>
sealed class StagedGrants(string directory)
{
    public void Add(string url, StagedObject staged)
    {
        try
        {
            PrivateDirectory.Create(FolderOf(staged));
            File.Create(PathOf(url, staged)).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The copy is then useless once the URL has expired, as if it had been evicted.
        }
    }

    public bool Has(string url, StagedObject staged) => File.Exists(PathOf(url, staged));

    /// <summary>Deletes the records of a copy that was deleted.</summary>
    public void Forget(StagedObject staged) => Delete(FolderOf(staged));

    /// <summary>Deletes the records of all other copies.</summary>
    public void Keep(IReadOnlyCollection<StagedObject> copies)
    {
        if (!Directory.Exists(directory)) return;
        var kept = copies.Select(FolderOf).ToHashSet();
        foreach (var folder in Directory.EnumerateDirectories(directory))
            if (!kept.Contains(folder)) Delete(folder);
    }

    string FolderOf(StagedObject staged) => Path.Combine(directory, $"{staged.Key}-{staged.Checksum}");

    string PathOf(string url, StagedObject staged) => Path.Combine(FolderOf(staged), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url))));

    static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There were no records, or the next start finds them.
        }
    }
}
