using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Api;
using Slidebridge.Events;
using Slidebridge.Hosting;
using Slidebridge.Identity;
using Slidebridge.Lists;
using Slidebridge.Provenance;
using Slidebridge.Security;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;
using Slidebridge.Usage;
using Slidebridge.Webhook;
using Slidebridge.Workers;

namespace Slidebridge.Commands;

/// <summary>The tasks in their database, whether a bridge runs or not. SQLite belongs to one process, so no bridge may run then.</summary>
sealed class StoredTasks : ITaskAccess
{
    readonly ServiceProvider services;
    readonly TaskProgress progress = new();
    bool isOpen;

    /// <summary>The database is SQLite: while this is open, no bridge runs.</summary>
    public bool IsOfOneProcess { get; private init; }

    StoredTasks(ServiceProvider services) => this.services = services;

    /// <param name="database">The database.</param>
    /// <param name="directory">The data directory of SQLite.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="makes">Make the database of a bridge that was never started.</param>
    /// <param name="events">Who receives events of what a command does to a task; null: nobody. The bridge sends them.</param>
    /// <exception cref="CommandException">There is no such database.</exception>
    public static async Task<StoredTasks> OpenAsync(DatabaseOptions database, string directory, CancellationToken cancellationToken, bool makes = false, EventOptions? events = null)
    {
        if (makes && database.Postgres is null) await MakeAsync(directory, cancellationToken);
        if (database.Postgres is null && !File.Exists(Path.Combine(directory, "tasks.db"))) throw new CommandException($"--data: {directory} has no tasks.db.", 2);
        var services = new ServiceCollection();
        // With PostgreSQL, each node has its own data directory, and this command has none.
        var data = database.Postgres is null ? Take(directory) : null;
        if (data is not null) services.AddSingleton(_ => data);
        services.AddLogging().AddTaskVault(new KeyRingOptions(null), database, data).AddTaskStorage(database, data).AddSingleton(TimeProvider.System).AddSingleton(NodeOptions.Observer);
        if (events is not null) services.AddEventOutbox(events);
        services.AddSingleton<CommitQueue>().AddSingleton<TaskStore>().AddSingleton<RunningTasks>().AddSingleton<TaskSignal>().AddSingleton(new HoldOptions(ServeSettings.HoldLimit.Parse(ServeSettings.HoldLimit.Default!))).AddSingleton<TaskOperations>().AddSingleton<TaskLists>().AddSingleton<UsageQuery>().AddSingleton<AccessTokens>().AddSingleton<WorkerList>().AddSingleton(new LeaseOptions(ServeSettings.LeaseTime.Parse(ServeSettings.LeaseTime.Default!))).AddSingleton<StoredSessions>().AddSingleton<AuditLog>();
        var stored = new StoredTasks(services.BuildServiceProvider()) { IsOfOneProcess = database.Postgres is null };
        try
        {
            _ = stored.services.GetService<DataDirectory>();
            await TaskStorage.CheckSameVersionAsync(stored.services.GetRequiredService<IDbContextFactory<TaskDatabase>>(), cancellationToken);
            await stored.services.GetRequiredService<AuditLog>().StartAsync(cancellationToken);
            stored.isOpen = true;
            return stored;
        }
        catch
        {
            await stored.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the database of a bridge that was never started.</summary>
    static async Task MakeAsync(string directory, CancellationToken cancellationToken)
    {
        if (File.Exists(Path.Combine(directory, "tasks.db"))) return;
        using var data = Take(directory);
        await using var services = new ServiceCollection().AddSingleton(data).AddLogging().AddTaskStorage(new DatabaseOptions(Postgres: null), data).AddSingleton(TimeProvider.System).BuildServiceProvider();
        await TaskStorage.PrepareAsync(services.GetRequiredService<IDbContextFactory<TaskDatabase>>(), cancellationToken);
    }

    static DataDirectory Take(string directory)
    {
        try
        {
            return new DataDirectory(directory);
        }
        catch (IOException)
        {
            throw new CommandException($"A running bridge uses {directory}; give its --url instead.");
        }
    }

    TaskStore Store => services.GetRequiredService<TaskStore>();

    public async Task<TaskPageJson> ListAsync(TaskFilter filter, TaskPageRequest request, CancellationToken cancellationToken)
    {
        var lists = services.GetRequiredService<TaskLists>();
        return TaskPageJson.Of(await lists.PageAsync(filter, request, cancellationToken), await lists.CountAsync(filter, cancellationToken), filter, request, progress);
    }

    public async Task<TaskJson> ShowAsync(string id, CancellationToken cancellationToken) => await WholeTask.FindAsync(Store, progress, Number(id), cancellationToken) ?? throw NoSuch(id);

    public Task<byte[]?> FindResultAsync(long number, CancellationToken cancellationToken) => ReadAsync(Store.FindResultAsync(number, cancellationToken), "result read", number, cancellationToken);

    public Task<byte[]?> FindRerunResultAsync(long number, CancellationToken cancellationToken) => ReadAsync(Store.FindRerunResultAsync(number, cancellationToken), "rerun result read", number, cancellationToken);

    public Task<byte[]?> FindShadowResultAsync(long number, string classifier, CancellationToken cancellationToken) => ReadAsync(Store.FindRerunResultAsync(number, cancellationToken, classifier), "shadow result read", number, cancellationToken);

    /// <summary>What was read is recorded as if the bridge had answered.</summary>
    async Task<T?> ReadAsync<T>(Task<T?> reading, string action, long number, CancellationToken cancellationToken) where T : class
    {
        var found = await reading;
        if (found is not null) await services.GetRequiredService<AuditLog>().ReadAsync(AtDatabase(Environment.UserName), action, $"task {number}", cancellationToken);
        return found;
    }

    public async Task<IReadOnlyList<RequestedScan>?> FindSlidesAsync(long number, CancellationToken cancellationToken)
    {
        var task = await Store.FindAsync(number, cancellationToken) ?? throw NoSuch($"{number}");
        services.GetRequiredService<TaskVault>().Unlock(task);
        return task.Scans.Exists(scan => scan.Urls.Count == 0) ? throw new CommandException($"The URLs of task {number}'s slides were deleted because they had expired. Name its slides after the command.")
            : [.. task.Scans.Select(scan => new RequestedScan(scan.ScanId, scan.Urls, scan.Stain))];
    }

    public async Task<IReadOnlyList<ScanLedger>?> FindLedgerAsync(long number, string? of, CancellationToken cancellationToken) =>
        await Store.FindLedgerAsync(number, of, cancellationToken) is { } json ? ScanLedger.Parse(json) : null;

    public Task<string?> FindLogAsync(string id, CancellationToken cancellationToken) => ReadAsync(Store.FindLogAsync(Number(id), cancellationToken), "log read", Number(id), cancellationToken);

    public Task<TaskJson> OperateAsync(string id, string operation, string who, CancellationToken cancellationToken) => DoneAsync(id, operations => operations.All[operation](Number(id), AtDatabase(who)));

    public Task<TaskJson> DecideAsync(string id, string decision, string? reason, string who, CancellationToken cancellationToken) => DoneAsync(id, operations => operations.Decisions[decision](Number(id), AtDatabase(who), reason));

    public Task<TaskJson> RerunAsync(string id, bool post, string who, CancellationToken cancellationToken) => DoneAsync(id, operations => operations.RerunAsync(Number(id), AtDatabase(who), post));

    async Task<TaskJson> DoneAsync(string id, Func<TaskOperations, Task<(BridgeTask? Task, string? Refused)>> operate)
    {
        var (task, refused) = await operate(services.GetRequiredService<TaskOperations>());
        if (task is null) throw NoSuch(id);
        return refused is null ? TaskJson.Of(task, progress, withEvents: false) : throw new CommandException(refused);
    }

    public Task<IReadOnlyList<UsageSum>> UsageAsync(UsageRange range, IReadOnlyList<UsageKey> keys, CancellationToken cancellationToken) => services.GetRequiredService<UsageQuery>().OfAsync(range, keys, [], cancellationToken);

    public async Task<NewTokenJson> AddTokenAsync(TokenRequest request, string who, CancellationToken cancellationToken)
    {
        var (token, text, refused) = await services.GetRequiredService<AccessTokens>().AddAsync(request.Name ?? "", Roles.Of(request.Role) ?? Role.Viewer, request.Companies ?? [], request.ExpiresAt, AtDatabase(who), request.Groups);
        return token is null ? throw new CommandException(refused!) : new NewTokenJson(text, TokenJson.Of(token));
    }

    public async Task<IReadOnlyList<TokenJson>> TokensAsync(CancellationToken cancellationToken) => [.. (await services.GetRequiredService<AccessTokens>().ListAsync(cancellationToken)).Select(TokenJson.Of)];

    public async Task<TokenJson> RevokeTokenAsync(string name, string who, CancellationToken cancellationToken) =>
        await services.GetRequiredService<AccessTokens>().RevokeAsync(name, AtDatabase(who)) is { } token ? TokenJson.Of(token) : throw new CommandException("There is no valid token of this name.");

    public Task<IReadOnlyList<WorkerJson>> WorkersAsync(CancellationToken cancellationToken) => services.GetRequiredService<WorkerList>().ReadAsync(cancellationToken);

    public Task<IReadOnlyList<OpenSession>> SessionsAsync(CancellationToken cancellationToken) => services.GetRequiredService<StoredSessions>().ListAsync(cancellationToken);

    public Task<int> EndSessionsAsync(string name, string who, CancellationToken cancellationToken) => services.GetRequiredService<StoredSessions>().EndAsync(name, AtDatabase(who));

    public async IAsyncEnumerable<AuditLine> AuditAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in services.GetRequiredService<AuditLog>().LinesAsync(0, cancellationToken)) yield return AuditLine.Of(entry);
    }

    /// <summary>A user who can open the database may do everything; the name is not verified.</summary>
    static Caller AtDatabase(string who) => new($"{who} via the database", Role.Admin, [], "this machine");

    static long Number(string id) => PlatformId.TryParse(id, "task", out var number) ? number : throw NoSuch(id);

    static CommandException NoSuch(string id) => new($"There is no task '{id}'.");

    public async ValueTask DisposeAsync()
    {
        if (isOpen) await services.GetRequiredService<AuditLog>().StopAsync(CancellationToken.None);
        await services.DisposeAsync();
    }
}
