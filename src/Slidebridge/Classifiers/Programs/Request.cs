namespace Slidebridge.Classifiers.Programs;

/// <summary>A request of the program that it has not closed yet.</summary>
sealed class Request : IDisposable
{
    readonly CancellationTokenSource stop;
    readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Request(CancellationToken stopping)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Stopping = stop.Token;
        stop.Token.Register(() => closed.TrySetResult());
    }

    public CancellationToken Stopping { get; }

    /// <summary>Completes when the program has closed the request.</summary>
    public Task Closed => closed.Task;

    public Task Work { get; set; } = Task.CompletedTask;

    public TileStream? Stream { get; set; }

    public bool IsOver => Work.IsCompleted;

    public void Stop() => stop.Cancel();

    public void Dispose() => stop.Dispose();
}
