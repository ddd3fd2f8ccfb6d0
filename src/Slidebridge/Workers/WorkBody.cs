using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Slidebridge.Workers;

/// <summary>The body of a worker's call. A call whose body is not of the protocol gets 400, and reaches no endpoint.</summary>
/// <param name="Value">The body.</param>
sealed record WorkBody<T>(T Value) where T : class
{
    public static async ValueTask<WorkBody<T>?> BindAsync(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, (JsonTypeInfo<T>)WorkJson.Default.GetTypeInfo(typeof(T))!, context.RequestAborted) is { } value ? new WorkBody<T>(value) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
