using System.Text.Json;

namespace Slidebridge.Classifiers.Programs;

/// <summary>A message of a program. What it found is kept as the bytes that it wrote: as a document it would take many times as much memory.</summary>
/// <param name="document">The message without <c>results</c>.</param>
/// <param name="results">The JSON of <c>results</c>; null where there is none.</param>
sealed class ProgramMessage(JsonDocument document, byte[]? results = null) : IDisposable
{
    readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JsonElement RootElement => document.RootElement;

    public byte[]? Results => results;

    public string Type => RootElement.GetProperty("type").GetString()!;

    /// <summary>Ends when nobody needs it any more.</summary>
    public Task Over => over.Task;

    public void Dispose()
    {
        document.Dispose();
        over.TrySetResult();
    }
}
