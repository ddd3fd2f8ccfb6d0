using System.Security.Cryptography;
using System.Text;
using Slidebridge.Security;

namespace Slidebridge.Staging;

/// <summary>
/// Which URLs open which copy: those for which the store itself has answered well, each by a file <c>KEY-CHECKSUM/URL</c> in the cache's directory. The signature is part of what is
/// hashed, so another URL of the same object opens nothing before the store has answered it. It lasts as long as the copy, over restarts and for all nodes that share the directory.
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
            // The copy is then of no use once the URL has expired, as if it had made way.
        }
    }

    public bool Has(string url, StagedObject staged) => File.Exists(PathOf(url, staged));

    /// <summary>A copy is gone, and with it what opens it.</summary>
    public void Forget(StagedObject staged) => Delete(FolderOf(staged));

    /// <summary>Lets go what is for other copies than these.</summary>
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
            // There was none, or the next start finds it.
        }
    }
}
