using System.Text.Json;

namespace Slidebridge.Classifiers.Programs;

/// <summary>A message of a program. Its results are kept as the bytes that it wrote, because a parsed document would use many times their size in memory.</summary>
/// <param name="document">The message without <c>results</c>.</param>
/// <param name="results">The JSON of <c>results</c>; null if there is none.</param>
sealed class ProgramMessage(JsonDocument document, byte[]? results = null) : IDisposable
{
    readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JsonElement RootElement => document.RootElement;

    /// <summary>Null also after the message was disposed: the reader still knows the message while it reads the next one.</summary>
    public byte[]? Results { get; private set; } = results;

    public string Type => RootElement.GetProperty("type").GetString()!;

    /// <summary>Completes when the message is not needed any more.</summary>
    public Task Over => over.Task;

    public void Dispose()
    {
        document.Dispose();
        Results = null;
        over.TrySetResult();
    }
}
