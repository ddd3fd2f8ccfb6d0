using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.DataProtection;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>
/// Encrypts the secrets of a task before they reach the database: its token, its presigned URLs, its request. A stolen <c>tasks.db</c>, dump or backup
/// reveals them only together with the key ring. docs/security.md
/// </summary>
sealed class TaskVault(IDataProtectionProvider protection)
{
    readonly IDataProtector secrets = protection.CreateProtector("Slidebridge.Task.1");
    readonly IDataProtector claims = protection.CreateProtector("Slidebridge.Claim.1");

    public byte[] Seal(TaskSecrets open) => Seal(secrets, open, TaskClaimJson.Compact.TaskSecrets);

    public byte[] Seal(TaskClaim open) => Seal(claims, open, TaskClaimJson.Compact.TaskClaim);

    /// <exception cref="LostKeyException">The key is not in the key ring any more, or the claim is for another task.</exception>
    public TaskClaim OpenClaim(TaskRequest request)
    {
        var open = Open(claims, request.Claim, TaskClaimJson.Compact.TaskClaim);
        return open.Number == request.TaskNumber ? open : throw new LostKeyException(new CryptographicException("The claim is for another task."));
    }

    /// <summary>The task's secrets; none if they were erased.</summary>
    /// <exception cref="LostKeyException">The key is not in the key ring any more, or the secrets belong to another task.</exception>
    public TaskSecrets Open(BridgeTask task)
    {
        if (task.Secrets is null) return new TaskSecrets(task.Number, null, null, new Dictionary<string, IReadOnlyList<string>>());
        var open = Open(secrets, task.Secrets, TaskClaimJson.Compact.TaskSecrets);
        return open.Task == task.Number ? open : throw new LostKeyException(new CryptographicException("The secrets belong to another task."));
    }

    /// <summary>Fills the row's members that are not stored: its token, its request and its scans' URLs.</summary>
    /// <exception cref="LostKeyException">See <see cref="Open(BridgeTask)"/>.</exception>
    public BridgeTask Unlock(BridgeTask task)
    {
        var open = Open(task);
        (task.Token, task.Request) = (open.Token, open.Request);
        foreach (var scan in task.Scans) scan.Urls = [.. open.Urls.GetValueOrDefault(scan.ScanId) ?? []];
        return task;
    }

    /// <summary>The same; if it fails, <see cref="BridgeTask.Locked"/> says why.</summary>
    public BridgeTask TryUnlock(BridgeTask task)
    {
        try
        {
            return Unlock(task);
        }
        catch (LostKeyException e)
        {
            task.Locked = e;
            return task;
        }
    }

    /// <summary>A row's secrets without its token; null if there are none, or if they cannot be decrypted.</summary>
    public byte[]? WithoutToken(BridgeTask task)
    {
        try
        {
            return task.Secrets is null ? null : Open(task) is { Token: not null } open ? Seal(open with { Token = null }) : task.Secrets;
        }
        catch (LostKeyException)
        {
            return null;
        }
    }

    static byte[] Seal<T>(IDataProtector protector, T open, JsonTypeInfo<T> type) => protector.Protect(JsonSerializer.SerializeToUtf8Bytes(open, type));

    static T Open<T>(IDataProtector protector, byte[] closed, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(protector.Unprotect(closed), type) ?? throw new JsonException();
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            throw new LostKeyException(e);
        }
    }
}

/// <summary>A task's token and URLs cannot be decrypted. A retry does not help; sending the same webhook again does.</summary>
sealed class LostKeyException(Exception inner) : SlidebridgeException(
    "The task's token and URLs cannot be decrypted: their key is not in the key ring any more (--key-ring, or the folder 'keys' in --data). Restore the key, or send the same webhook again.", inner)
{
    public override string? Cause => null;

    public override string PlainMessage => "The analysis could not be started. Ask for it again.";
}
