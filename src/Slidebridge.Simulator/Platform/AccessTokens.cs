using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Slidebridge.Simulator.Platform;

/// <summary>The issued tokens: a task's own token is valid for that task, an API key's token for every task.</summary>
sealed class AccessTokens(TimeProvider time)
{
    readonly ConcurrentDictionary<string, (long? Task, DateTimeOffset Until)> given = new();
    readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    /// <summary>A JSON Web Token (RFC 7519), because clients read its <c>exp</c>.</summary>
    public string Give(long? task, TimeSpan lifetime)
    {
        var until = time.GetUtcNow() + lifetime;
        var content = $"{Text("""{"alg":"HS256","typ":"JWT"}""")}.{Text($$"""{"jti":"{{Guid.NewGuid():N}}","exp":{{until.ToUnixTimeSeconds()}}}""")}";
        var token = $"{content}.{Encoded(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(content)))}";
        given[token] = (task, until);
        return token;
    }

    /// <summary>Whether the request's bearer token is valid for this task.</summary>
    public bool Allows(HttpRequest request, long task) => Find(request) is { } token && (token.Task is null || token.Task == task);

    /// <summary>Whether the request's bearer token is valid for any task.</summary>
    public bool Knows(HttpRequest request) => Find(request) is not null;

    (long? Task, DateTimeOffset Until)? Find(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && given.TryGetValue(header[7..].Trim(), out var token) && token.Until > time.GetUtcNow() ? token : null;
    }

    static string Text(string text) => Encoded(Encoding.ASCII.GetBytes(text));

    static string Encoded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
