using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Slidebridge.Security;

namespace Slidebridge.Storage;

/// <summary>
/// One line of the audit log: who did or saw what, when, and from where. Lines are never changed. Each has the hash of the line before it, so a line that is changed, removed or
/// inserted later breaks the chain (<see cref="HashOf"/>).
/// </summary>
sealed class AuditEntry
{
    /// <summary>1 for the first line; then one more for each.</summary>
    public long Number { get; set; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The caller's name; for a refused call, the name that it gave, if any.</summary>
    public required string Who { get; init => field = Storable(value)!; }

    /// <summary>The caller's role; null for a refused call.</summary>
    public string? Role { get; init => field = Storable(value); }

    /// <summary>The caller's address, or what stands for it.</summary>
    public string? From { get; init => field = Storable(value); }

    /// <summary>What was done: <c>task retry</c>, <c>result read</c>, <c>token add</c>.</summary>
    public required string Action { get; init => field = Storable(value)!; }

    /// <summary>On what: <c>task 185714</c>, <c>token lab1</c>.</summary>
    public string? Subject { get; init => field = Storable(value); }

    /// <summary>Null: it was done. Else why it was refused, or how often.</summary>
    public string? Outcome { get; init => field = Storable(value); }

    /// <summary>The hash of the line before; 32 zero bytes for the first line.</summary>
    public byte[] Previous { get; set; } = [];

    /// <summary>SHA-256 of this line with <see cref="Previous"/>.</summary>
    public byte[] Hash { get; set; } = [];

    /// <summary>Callers choose some of these texts. Every database must return them as they were hashed.</summary>
    static string? Storable(string? text) => text is null ? null
        : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(new string([.. text.Where(c => !char.IsControl(c)).Take(LongestText)])));

    const int LongestText = 4000;

    public static AuditEntry Of(DateTimeOffset at, Caller caller, string action, string? subject, string? outcome = null) =>
        new() { At = at, Who = caller.Name, Role = caller.Role.Name(), From = caller.From, Action = action, Subject = subject, Outcome = outcome };

    /// <summary>
    /// SHA-256 over: the previous hash, the number and the time (UTC, in ticks of 100 ns since the year 1) as 8 bytes each, big endian; then who, role, from, action, subject and outcome,
    /// each as its length in bytes (4 bytes, big endian; -1 for null) and its UTF-8.
    /// </summary>
    public byte[] HashOf()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Previous);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, Number);
        hash.AppendData(number);
        BinaryPrimitives.WriteInt64BigEndian(number, At.UtcTicks);
        hash.AppendData(number);
        foreach (var text in (string?[])[Who, Role, From, Action, Subject, Outcome])
        {
            var bytes = text is null ? null : Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32BigEndian(number, bytes?.Length ?? -1);
            hash.AppendData(number[..4]);
            if (bytes is not null) hash.AppendData(bytes);
        }
        return hash.GetHashAndReset();
    }
}
