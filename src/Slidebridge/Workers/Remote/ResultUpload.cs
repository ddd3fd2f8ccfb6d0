using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Slidebridge.Sdk;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Workers.Remote;

/// <summary>
/// Sends results to the bridge. With <c>--work-data</c>, a result is first written to the worker's disk, and stays there until the bridge has taken or refused it: a worker that was killed meanwhile sends it at its next start.
/// </summary>
sealed partial class ResultUpload(BridgeLink bridge, DataDirectory data, WorkerOptions options, ILogger<ResultUpload> logger)
{
    /// <summary>Uploads of one result: a part may be lost where a bridge's database was restored.</summary>
    const int MostUploads = 3;

    const string Bytes = ".bin", Manifest = ".json";

    string Folder => data.File("results");

    /// <summary>Sends a run's result. Not cancelled when the worker stops: the work of an hour would be lost for the seconds of an upload.</summary>
    /// <exception cref="ClassifierException">The bridge does not take a result of this size.</exception>
    /// <exception cref="TaskMovedOnException">The lease is lost.</exception>
    /// <exception cref="StorageException">The bridge cannot be reached.</exception>
    public async Task SendAsync(TaskLease lease, ClassifiedResult result, RunCost? cost)
    {
        byte[] all = [.. result.Json, .. result.Provenance, .. result.Ledger ?? []];
        var kept = new KeptResult(options.Name, new ResultEnd(Parts(all.Length), result.Json.Length, result.Provenance.Length, result.Ledger?.Length ?? 0, Convert.ToHexStringLower(SHA256.HashData(all)), CostJson.Of(cost)));
        var id = new LeaseId(lease.Number, lease.FencingToken);
        // In a temporary directory nobody would find it again.
        if (options.KeepsResults)
        {
            Directory.CreateDirectory(Folder);
            await File.WriteAllBytesAsync(FileOf(id, Bytes), all);
            await File.WriteAllBytesAsync(FileOf(id, Manifest), JsonSerializer.SerializeToUtf8Bytes(kept, KeptJson.Default.KeptResult));
        }
        try
        {
            await SendAsync(id, kept, all);
        }
        catch (Exception e) when (e is not StorageException)
        {
            Forget(id); // Refused.
            throw;
        }
        Forget(id);
    }

    /// <summary>Sends what an earlier start of this worker left. A result whose lease is lost meanwhile is deleted.</summary>
    public async Task ResumeAsync()
    {
        if (!Directory.Exists(Folder)) return;
        foreach (var file in Directory.GetFiles(Folder, "*" + Manifest))
        {
            if (LeaseId.Parse(Path.GetFileNameWithoutExtension(file)) is not { } id) continue;
            try
            {
                var kept = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file), KeptJson.Default.KeptResult);
                var all = await File.ReadAllBytesAsync(FileOf(id, Bytes));
                if (kept is not { Worker: not null, End: { } end } || all.Length != end.ResultBytes + end.ProvenanceBytes + end.LedgerBytes || end.Parts != Parts(all.Length)) throw new JsonException("The file is not complete.");
                await SendAsync(id, kept, all);
                LogResumed(logger, id.Task);
            }
            catch (StorageException e)
            {
                // The bridge is away; the call for work finds that too. A later start tries again.
                LogNotResumed(logger, id.Task, e.Message);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogNotResumed(logger, id.Task, e.Message);
            }
            Forget(id);
        }
        foreach (var left in Directory.GetFiles(Folder)) File.Delete(left); // Its manifest was not written.
    }

    async Task SendAsync(LeaseId id, KeptResult kept, byte[] all)
    {
        for (var uploads = 1; ; uploads++)
        {
            for (var part = 0; part < kept.End.Parts; part++)
            {
                var from = part * WorkProtocol.PartBytes;
                var bytes = all.AsMemory(from, Math.Min(WorkProtocol.PartBytes, all.Length - from));
                CheckSize(await bridge.StepAsync(HttpMethod.Put, id, $"result/{part}", () => new ReadOnlyMemoryContent(bytes), kept.Worker, CancellationToken.None));
            }
            var status = await bridge.StepAsync(HttpMethod.Post, id, "result", () => BridgeLink.Json(kept.End, WorkJson.Default.ResultEnd), kept.Worker, CancellationToken.None);
            CheckSize(status);
            if (status is not HttpStatusCode.UnprocessableEntity) return;
            if (uploads == MostUploads) throw new StorageException($"The bridge did not receive the result of task {id.Task} intact.");
        }

        static void CheckSize(HttpStatusCode status)
        {
            if (status is HttpStatusCode.RequestEntityTooLarge) throw new ClassifierException("The result is larger than the bridge accepts (--largest-result of the bridge).");
        }
    }

    static int Parts(int bytes) => Math.Max(1, (bytes + WorkProtocol.PartBytes - 1) / WorkProtocol.PartBytes);

    string FileOf(LeaseId id, string extension) => Path.Combine(Folder, id + extension);

    void Forget(LeaseId id)
    {
        if (!Directory.Exists(Folder)) return;
        File.Delete(FileOf(id, Manifest));
        File.Delete(FileOf(id, Bytes));
    }

    [LoggerMessage(630, LogLevel.Information, "Task {Task}: the result of an earlier start of this worker is with the bridge")]
    static partial void LogResumed(ILogger logger, long task);

    [LoggerMessage(631, LogLevel.Warning, "Task {Task}: the result of an earlier start of this worker was not taken: {Why}")]
    static partial void LogNotResumed(ILogger logger, long task, string why);
}

/// <summary>A result on the worker's disk.</summary>
/// <param name="Worker">The name under which it was leased.</param>
/// <param name="End">What the result consists of.</param>
sealed record KeptResult(string Worker, ResultEnd End);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeptResult))]
sealed partial class KeptJson : JsonSerializerContext;
