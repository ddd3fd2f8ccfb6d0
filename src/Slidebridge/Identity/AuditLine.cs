using System.Text.Json;
using System.Text.Json.Serialization;
using Slidebridge.Storage;

namespace Slidebridge.Identity;

/// <summary>A line of the audit log, as it is exported. <see cref="AuditEntry"/> says what the members mean and how the hash is computed.</summary>
sealed record AuditLine(long Number, DateTimeOffset At, string Who, string? Role, string? From, string Action, string? Subject, string? Outcome, string Previous, string Hash)
{
    public static AuditLine Of(AuditEntry entry) => new(
        entry.Number, entry.At, entry.Who, entry.Role, entry.From, entry.Action, entry.Subject, entry.Outcome, Convert.ToHexStringLower(entry.Previous), Convert.ToHexStringLower(entry.Hash));

    /// <summary>Reads an exported line.</summary>
    /// <exception cref="FormatException">It is not a line of an audit log.</exception>
    public static AuditLine Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, AuditJson.Default.AuditLine) is { Who: not null, Action: not null, Previous: not null, Hash: not null } line ? line : throw new FormatException("a line is not one of an audit log");
        }
        catch (JsonException e)
        {
            throw new FormatException("a line is not a JSON object of an audit log", e);
        }
    }

    /// <exception cref="FormatException">A hash is not hexadecimal.</exception>
    public AuditEntry ToEntry() => new()
    {
        Number = Number,
        At = At,
        Who = Who,
        Role = Role,
        From = From,
        Action = Action,
        Subject = Subject,
        Outcome = Outcome,
        Previous = Convert.FromHexString(Previous),
        Hash = Convert.FromHexString(Hash),
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditLine))]
sealed partial class AuditJson : JsonSerializerContext;
