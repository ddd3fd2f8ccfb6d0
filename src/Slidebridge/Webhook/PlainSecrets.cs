using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Webhook;

/// <summary>Encrypts, once, the tokens and URLs that an earlier version stored as plain text, before the first task is received.</summary>
static class PlainSecrets
{
    const int Batch = 200;

    /// <summary>Plain secrets are a JSON object; encrypted data does not begin with this byte.</summary>
    const byte Plain = (byte)'{';

    public static async Task SealAsync(IDbContextFactory<TaskDatabase> databases, TaskVault vault, CancellationToken cancellationToken)
    {
        var (last, any) = (long.MinValue, false);
        while (true)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            // Each row is read and checked here, because SQL that both databases understand cannot test a blob's first byte. At the first start, few rows are of this version, and they are read once.
            var rows = await database.Tasks.Where(t => t.Secrets != null && t.Objects == "" && t.Number > last).OrderBy(t => t.Number).Take(Batch).ToListAsync(cancellationToken);
            if (rows.Count == 0) break;
            last = rows[^1].Number;
            foreach (var task in rows.Where(t => t.Secrets is [Plain, ..]))
            {
                any = true;
                Seal(task, vault);
            }
            await database.SaveChangesAsync(cancellationToken);
        }
        if (!any) return;
        await using var wiped = await databases.CreateDbContextAsync(cancellationToken);
        await wiped.WipeAsync(cancellationToken);
    }

    static void Seal(BridgeTask task, TaskVault vault)
    {
        var open = JsonSerializer.Deserialize(task.Secrets, TaskClaimJson.Compact.TaskSecrets)!;
        var urls = open.Urls ?? new Dictionary<string, IReadOnlyList<string>>();
        var request = open.Request is null ? null : JsonNode.Parse(open.Request)!.AsObject();
        foreach (var name in (request?.Select(field => field.Key) ?? []).Where(name => !WebhookRequestParser.Known.Contains(name)).ToArray()) request!.Remove(name);
        task.Secrets = vault.Seal(open with { Request = request?.ToJsonString(), Urls = urls });
        if (urls.Count > 0) task.Objects = TaskIntake.ObjectsOf(urls.Where(u => u.Value.Count > 0).Select(u => new RequestedScan(u.Key, u.Value, null)));
        if (task.HasResult) task.ResultObjects = task.Objects;
    }
}
