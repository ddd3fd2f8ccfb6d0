using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Identity;

/// <summary>
/// The named API tokens. A token's text is <c>sbt_ID_SECRET</c>: its id finds the row, its SHA-256 proves it. Nodes keep the rows for two seconds, so a token that is revoked on one node ends on every node within that time.
/// </summary>
sealed class AccessTokens(CommitQueue commits, IDbContextFactory<TaskDatabase> databases, TimeProvider time) : IDisposable
{
    const int MostCompanies = 50;

    const string Prefix = "sbt_";

    const int IdLength = 10, SecretBytes = 32;

    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2), BetweenUses = TimeSpan.FromMinutes(1);

    readonly SemaphoreSlim reading = new(1);
    readonly ConcurrentDictionary<string, DateTimeOffset> used = new();
    Dictionary<string, StoredToken> known = [];
    long readAt; // 0: not yet.

    /// <summary>Makes a token.</summary>
    /// <returns>The token and its text, which is not stored; or why it was refused.</returns>
    public async Task<(StoredToken? Token, string Text, string? Refused)> AddAsync(string name, Role role, IReadOnlyList<string> companies, DateTimeOffset? expires, Caller by, IReadOnlyList<string>? groups = null)
    {
        if (!IsName(name)) return (null, "", $"A token's name has 1 to {ValueKind.LongestName} letters, digits, '-', '_', '.' and '@'.");
        if (role is Role.Admin && companies.Count > 0) return (null, "", "An admin sees all companies: leave out the companies, or choose another role.");
        if (role is Role.Worker && companies.Count > 0) return (null, "", "A worker's token is for execution groups, not for companies.");
        if (role is not Role.Worker && groups is not null) return (null, "", "Only a worker's token has execution groups.");
        if (groups?.Count > MostCompanies || groups?.All(ValueKind.IsName) == false) return (null, "", $"A worker's token has at most {MostCompanies} groups; each name has 1 to {ValueKind.LongestName} letters, digits, '-', '_' and '.'.");
        if (companies.Count > MostCompanies || !companies.All(ValueKind.IsName)) return (null, "", $"A token has at most {MostCompanies} companies; each id has 1 to {ValueKind.LongestName} letters, digits, '-', '_' and '.'.");
        var id = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", IdLength);
        var text = $"{Prefix}{id}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes))}";
        var (token, refused) = await commits.CommitAsync(async database =>
        {
            await database.AloneAsync(CancellationToken.None); // Two nodes must not make two tokens of one name.
            var now = time.GetUtcNow();
            var isTaken = (await database.Tokens.Where(t => t.Name == name && t.RevokedAt == null).ToListAsync()).Concat(database.Tokens.Local.Where(t => t.Name == name)).Any(t => t.IsValid(now));
            if (isTaken) return (null, $"There is already a token '{name}'; revoke it first, or choose another name.");
            var token = new StoredToken { Id = id, Name = name, Role = role, Companies = [.. companies], Groups = role is Role.Worker ? [.. groups ?? []] : null, Hash = HashOf(text), MadeAt = now, MadeBy = by.Name, ExpiresAt = expires };
            database.Tokens.Add(token);
            database.Record(AuditEntry.Of(now, by, "token add", $"token {name} ({role.Name()}{(companies.Count > 0 ? $", companies {string.Join(", ", companies)}" : "")}{(groups is { Count: > 0 } ? $", groups {string.Join(", ", groups)}" : "")})"));
            return ((StoredToken?)token, (string?)null);
        });
        Volatile.Write(ref readAt, 0);
        return (token, text, refused);
    }

    /// <summary>Every token, also revoked and expired ones, the newest first.</summary>
    public async Task<IReadOnlyList<StoredToken>> ListAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tokens.AsNoTracking().OrderByDescending(t => t.MadeAt).ToListAsync(cancellationToken);
    }

    /// <summary>Ends a token.</summary>
    /// <returns>The token, or null: there is no valid one of this name.</returns>
    public async Task<StoredToken?> RevokeAsync(string name, Caller by)
    {
        var revoked = await commits.CommitAsync(async database =>
        {
            if (await database.Tokens.Where(t => t.Name == name && t.RevokedAt == null).OrderByDescending(t => t.MadeAt).FirstOrDefaultAsync() is not { } token) return null;
            (token.RevokedAt, token.RevokedBy) = (time.GetUtcNow(), by.Name);
            database.Record(AuditEntry.Of(time.GetUtcNow(), by, "token revoke", $"token {name}"));
            return token;
        });
        Volatile.Write(ref readAt, 0);
        return revoked;
    }

    /// <summary>The valid token of a text, or null. A use is noted.</summary>
    public async ValueTask<StoredToken?> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (!TryId(text, out var id)) return null;
        var tokens = await KnownAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (!tokens.TryGetValue(id, out var token) || !CryptographicOperations.FixedTimeEquals(token.Hash, HashOf(text)) || !token.IsValid(now)) return null;
        if (now - used.GetValueOrDefault(id, token.LastUsedAt ?? default) >= BetweenUses) await NoteUseAsync(id, now);
        return token;
    }

    /// <summary>Whether a worker's token is still valid after a long wait.</summary>
    public async ValueTask<bool> IsStillValidAsync(Caller worker, CancellationToken cancellationToken) =>
        worker.Role is not Role.Worker || (await KnownAsync(cancellationToken)).Values.Any(token => token.Name == worker.Name && token.Role is Role.Worker && token.IsValid(time.GetUtcNow()));

    /// <summary>The name of the token that a text claims to be, for the log; null if there is none.</summary>
    public string? NameOf(string text) => TryId(text, out var id) && known.TryGetValue(id, out var token) ? token.Name : null;

    bool IsFresh => Volatile.Read(ref readAt) is not 0 and var at && time.GetElapsedTime(at) < Fresh;

    async ValueTask<Dictionary<string, StoredToken>> KnownAsync(CancellationToken cancellationToken)
    {
        if (IsFresh) return known;
        await reading.WaitAsync(cancellationToken);
        try
        {
            if (IsFresh) return known;
            var started = time.GetTimestamp();
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            known = await database.Tokens.AsNoTracking().Where(t => t.RevokedAt == null).ToDictionaryAsync(t => t.Id, cancellationToken);
            Volatile.Write(ref readAt, started);
            return known;
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>To the minute, because a commit for each call would cost more than the call.</summary>
    async Task NoteUseAsync(string id, DateTimeOffset now)
    {
        used[id] = now;
        try
        {
            await commits.CommitAsync(async database =>
            {
                if (await database.Tokens.FindAsync(id) is { RevokedAt: null } token) token.LastUsedAt = now;
                return true;
            });
        }
        catch (StorageException)
        {
            // The call itself may not need the database.
        }
    }

    public void Dispose() => reading.Dispose();

    static bool TryId(string text, [NotNullWhen(true)] out string? id)
    {
        var end = Prefix.Length + IdLength;
        id = text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length > end && text[end] == '_' ? text[Prefix.Length..end] : null;
        return id is not null;
    }

    /// <summary>Also an e-mail address.</summary>
    static bool IsName(string name) => ValueKind.IsName(name.Replace('@', '.'));

    static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
