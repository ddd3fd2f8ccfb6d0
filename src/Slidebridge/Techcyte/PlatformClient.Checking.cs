using System.Net.Sockets;

namespace Slidebridge.Techcyte;

/// <content>Whether a task is the platform's.</content>
sealed partial class PlatformClient
{
    /// <summary>An answer must be read to its end before its connection can be reused; for a longer answer that is not worth it.</summary>
    const int MostDrained = 64 * 1024;

    /// <summary>Short, because other checks wait behind one that the platform does not answer.</summary>
    static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Asks whether a task is the platform's, with only the task's own token. The API key is valid for every task and so proves nothing; it is used only if the task has no token.
    /// Network failures do not throw.
    /// </summary>
    /// <param name="taskId">The task's id as the platform writes it.</param>
    /// <param name="token">The task's own token; null: the API key's token is used.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<TaskCheck> CheckTaskAsync(string taskId, string? token, CancellationToken cancellationToken)
    {
        try
        {
            Func<HttpRequestMessage> make = () => new HttpRequestMessage(HttpMethod.Get, Path("case_evaluations", taskId));
            using var limit = Limit(cancellationToken);
            if (options.Timeout > CheckTimeout) limit.CancelAfter(CheckTimeout);
            using var response = token is null ? await SendAsync(make, Authorize(null), limit.Token) : await SendAsync(make(), token, limit.Token);
            var status = (int)response.StatusCode;
            return status switch
            {
                200 when await IsListAsync(response, limit.Token) => new(TaskVerdict.Confirmed, ""),
                200 => new(TaskVerdict.Unknown, "the server at the platform's address is not the platform; check --platform-url"),
                401 when token is null => new(TaskVerdict.Unknown, "the platform refused the API key's token (401)"),
                401 or 403 or 404 => new(TaskVerdict.Refused, token is null ? $"the task has no token, and the platform does not show the task to the API key ({status})" : Refusal(token, status)),
                _ => new(TaskVerdict.Unknown, $"the platform answered {status}", RetryAfter.Of(response, time)),
            };
        }
        catch (PlatformException e)
        {
            return new(TaskVerdict.Unknown, e.Message.TrimEnd('.'), e.RetryAfter);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException || IsTimeout(e, cancellationToken))
        {
            return new(TaskVerdict.Unknown, $"the platform could not be asked: {Cause(e)}");
        }
    }

    string Refusal(string token, int status) => AccessToken.Expiry(token) is { } expiry && expiry <= time.GetUtcNow()
        ? $"the platform does not accept the task's token, which expired at {expiry:yyyy-MM-dd HH:mm:ss} UTC ({status})"
        : $"the platform does not accept the task's token ({status})";

    /// <summary>The evaluations of a case are a JSON list; a proxy's error page is not.</summary>
    static async Task<bool> IsListAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[4096];
        var isList = false;
        for (int drained = 0, read; drained < MostDrained && (read = await body.ReadAsync(buffer, cancellationToken)) > 0; drained += read)
            if (!isList && buffer.AsSpan(0, read).TrimStart(" \t\r\n"u8) is { Length: > 0 } text)
            {
                if (text[0] != '[') return false;
                isList = true;
            }
        return isList;
    }
}
