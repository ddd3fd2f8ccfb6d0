namespace Slidebridge.Slides.Writing;

/// <summary>Receives a slide's level 0 row by row from the top, and creates the rest: levels, thumbnail, index.</summary>
public interface ISlideWriter : IAsyncDisposable
{
    /// <summary>Level-0 pixels.</summary>
    int Width { get; }

    /// <summary>Level-0 pixels.</summary>
    int Height { get; }

    /// <summary>Appends rows of level 0 from the top down.</summary>
    /// <param name="rows">Rgb24, shape [any number of rows, Width, 3].</param>
    /// <param name="cancellationToken">Stops between bands.</param>
    /// <exception cref="ArgumentException">The bytes are not whole rows, or there are more rows than the height.</exception>
    ValueTask WriteRowsAsync(ReadOnlyMemory<byte> rows, CancellationToken cancellationToken = default);

    /// <summary>Completes the slide. Without this call the output is not a valid slide.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    ValueTask FinishAsync(CancellationToken cancellationToken = default);
}
