namespace Slidebridge.Slides.Writing;

/// <summary>Takes a slide's level 0 row by row from the top, and makes the rest of it: levels, thumbnail, index.</summary>
public interface ISlideWriter : IAsyncDisposable
{
    /// <summary>Level-0 pixels.</summary>
    int Width { get; }

    /// <summary>Level-0 pixels.</summary>
    int Height { get; }

    /// <summary>Appends rows of level 0 from the top down.</summary>
    /// <param name="rows">Rgb24, shape [any number of rows, Width, 3].</param>
    /// <param name="cancellationToken">Stops between bands.</param>
    /// <exception cref="ArgumentException">Not whole rows, or more than the height.</exception>
    ValueTask WriteRowsAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken = default);

    /// <summary>Completes the slide. Without it what was written is none.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    ValueTask FinishAsync(CancellationToken cancellationToken = default);
}
