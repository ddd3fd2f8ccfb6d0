using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Slidebridge.Security;

namespace Slidebridge.Storage;

/// <param name="Directory">The directory of the key ring, or null: in the data directory, or in the shared database.</param>
sealed record KeyRingOptions(string? Directory);

/// <summary>
/// Where <see cref="TaskVault"/>'s encryption keys are stored: in the directory that the operator names, else in the data directory, else (several nodes) in the
/// database. ASP.NET Data Protection makes a new key every 90 days and keeps the old ones to decrypt older data.
/// </summary>
static class KeyRing
{
    public static IServiceCollection AddTaskVault(this IServiceCollection services, KeyRingOptions options, DatabaseOptions database, DataDirectory? data)
    {
        var protection = services.AddDataProtection().SetApplicationName("slidebridge").SetDefaultKeyLifetime(TimeSpan.FromDays(90));
        var directory = options.Directory ?? (database.Postgres is null ? data?.File("keys") : null);
        if (directory is not null) protection.PersistKeysToFileSystem(Create(directory));
        else services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(s => new ConfigureOptions<KeyManagementOptions>(o => o.XmlRepository = new StoredKeys(s.GetRequiredService<IDbContextFactory<TaskDatabase>>())));
        return services.AddSingleton<TaskVault>();
    }

    static DirectoryInfo Create(string directory)
    {
        try
        {
            return PrivateDirectory.CreateOrClose(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"--key-ring: {directory} is not a directory that this user can write to: {e.Message}", e);
        }
    }

    sealed class StoredKeys(IDbContextFactory<TaskDatabase> databases) : IXmlRepository
    {
        public IReadOnlyCollection<XElement> GetAllElements()
        {
            using var database = databases.CreateDbContext();
            return [.. database.Keys.AsNoTracking().ToList().Select(k => XElement.Parse(k.Xml))];
        }

        public void StoreElement(XElement element, string friendlyName)
        {
            using var database = databases.CreateDbContext();
            database.Keys.Add(new StoredKey { Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
            database.SaveChanges();
        }
    }
}
