using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Security;
using Slidebridge.Storage;
using Slidebridge.Units;

namespace Slidebridge.Identity;

/// <summary>The sessions of browsers in the database, which every node reads. A sign-in, a sign-out and its line in the audit log are one commit.</summary>
sealed class StoredSessions(CommitQueue commits, IDbContextFactory<TaskDatabase> databases, IDataProtectionProvider protection, TimeProvider time) : ITicketStore
{
    /// <summary>Names of a ticket's properties: the caller's address at the sign-in, and the provider's unique name of the person.</summary>
    public const string From = "from", Subject = "subject";

    readonly IDataProtector protector = protection.CreateProtector("sessions");

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await commits.CommitAsync(async database =>
        {
            var now = time.GetUtcNow();
            await database.Sessions.Where(session => session.ExpiresAt < now).ExecuteDeleteAsync();
            database.Sessions.Add(new StoredSession { Id = IdOf(key), Ticket = Protected(ticket), ExpiresAt = Expiry(ticket) });
            database.Record(EntryOf(ticket, "sign-in"));
            return true;
        });
        return key;
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket) => commits.CommitAsync(async database =>
    {
        if (await database.Sessions.FindAsync(IdOf(key)) is { } session) (session.Ticket, session.ExpiresAt) = (Protected(ticket), Expiry(ticket));
        return true;
    });

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        var id = IdOf(key);
        await using var database = await databases.CreateDbContextAsync();
        if (await database.Sessions.AsNoTracking().FirstOrDefaultAsync(session => session.Id == id) is not { } session || session.ExpiresAt < time.GetUtcNow()) return null;
        return TicketOf(session);
    }

    AuthenticationTicket? TicketOf(StoredSession session)
    {
        try
        {
            return TicketSerializer.Default.Deserialize(protector.Unprotect(session.Ticket));
        }
        catch (CryptographicException)
        {
            return null; // The key ring was replaced.
        }
    }

    AuditEntry EntryOf(AuthenticationTicket ticket, string action) =>
        AuditEntry.Of(time.GetUtcNow(), Callers.Of(ticket.Principal, ticket.Properties.GetString(From)), action, $"session of the subject {ticket.Properties.GetString(Subject)}");

    public Task RemoveAsync(string key) => commits.CommitAsync(async database =>
    {
        if (await database.Sessions.FindAsync(IdOf(key)) is not { } session) return false;
        database.Sessions.Remove(session);
        if (TicketOf(session) is { } ticket) database.Record(EntryOf(ticket, "sign-out"));
        return true;
    });

    /// <summary>The sessions that have not ended, those that end last first.</summary>
    public async Task<IReadOnlyList<OpenSession>> ListAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var sessions = await database.Sessions.AsNoTracking().Where(session => session.ExpiresAt >= now).OrderByDescending(session => session.ExpiresAt).ToListAsync(cancellationToken);
        return [.. sessions.Select(session => (session, Ticket: TicketOf(session))).Where(both => both.Ticket is not null)
            .Select(both => new OpenSession(NameOf(both.Ticket!), both.Ticket!.Properties.GetString(Subject), both.Ticket.Properties.GetString(From), both.session.ExpiresAt))];
    }

    /// <summary>Ends every session of a person, for example of one who has left.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> EndAsync(string name, Caller by) => commits.CommitAsync(async database =>
    {
        var ended = (await database.Sessions.ToListAsync()).Where(session => TicketOf(session) is { } ticket && NameOf(ticket) == name).ToList();
        if (ended.Count == 0) return 0;
        database.Sessions.RemoveRange(ended);
        database.Record(AuditEntry.Of(time.GetUtcNow(), by, "sessions end", $"{Counted.Text(ended.Count, "session")} of {name}"));
        return ended.Count;
    });

    static string NameOf(AuthenticationTicket ticket) => ticket.Principal.Identity?.Name ?? "";

    byte[] Protected(AuthenticationTicket ticket) => protector.Protect(TicketSerializer.Default.Serialize(ticket));

    DateTimeOffset Expiry(AuthenticationTicket ticket) => ticket.Properties.ExpiresUtc ?? time.GetUtcNow();

    static string IdOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}

/// <param name="Name">The person, with the provider.</param>
/// <param name="Subject">The provider's unique name of the person.</param>
/// <param name="From">The address at the sign-in.</param>
/// <param name="ExpiresAt">When it ends if it is not used.</param>
sealed record OpenSession(string Name, string? Subject, string? From, DateTimeOffset ExpiresAt);
