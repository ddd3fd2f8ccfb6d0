using System.Diagnostics.CodeAnalysis;

namespace Slidebridge.Slides;

/// <summary>
/// Allows a slide to be disposed during reads: they are cancelled and fail with <see cref="ObjectDisposedException"/>;
/// the source is closed only after they have ended.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A token source without a timer or a wait handle has nothing to dispose; late readers may still use its token.")]
sealed class SlideLifetime
{
    readonly CancellationTokenSource closing = new();
    readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock gate = new();
    int reads;
    bool closed;

    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, typeof(Slide));
            reads++;
        }
        try
        {
            if (!cancellationToken.CanBeCanceled) return await read(closing.Token);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(closing.Token, cancellationToken);
            return await read(either.Token);
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(Slide));
        }
        // The linked source's token would not show the caller that its own token was the cause.
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested && e.CancellationToken != cancellationToken)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        finally
        {
            lock (gate)
            {
                if (--reads == 0 && closed) drained.TrySetResult();
            }
        }
    }

    /// <summary>True for the first caller, after the last read has ended; later callers wait for the same and get false.</summary>
    public async Task<bool> CloseAsync()
    {
        bool first;
        lock (gate)
        {
            first = !closed;
            closed = true;
            if (reads == 0) drained.TrySetResult();
        }
        if (first) await closing.CancelAsync();
        await drained.Task;
        return first;
    }
}
