using Slidebridge.Objects;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.SimulatorPages;

/// <summary>The objects of evaluations, by an index that is made when they are first looked at.</summary>
sealed class EvaluationObjects(SimulatedSlides slides, ObjectIndexes indexes)
{
    /// <summary>The evaluation that was read last: a person looks at several objects of one evaluation.</summary>
    (long Evaluation, ReadOnlyMemory<byte> Json) last = (0, default);

    /// <summary>The index of an evaluation's objects; to be disposed after use.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="slide">The scan's slide, by its name in the folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidResultsException">The result breaks a rule that the platform does not check, so that its objects cannot be read.</exception>
    public Task<BorrowedIndex> OpenAsync(SimulatedEvaluation evaluation, string slide, CancellationToken cancellationToken) =>
        indexes.OpenAsync($"{evaluation.Id}", async (path, stop) =>
        {
            var json = Read(evaluation);
            var size = await SizeOfAsync(slide, stop);
            await Task.Run(() => ObjectIndexWriter.Write(json, evaluation.Scan, size, path, stop), stop);
        }, cancellationToken);

    /// <summary>One object with its properties; null if there is no such object.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<ObjectDetail?> FindAsync(SimulatedEvaluation evaluation, string slide, long number, CancellationToken cancellationToken)
    {
        using var borrowed = await OpenAsync(evaluation, slide, cancellationToken);
        return ObjectDetail.SourceOf(borrowed.Index, number) is { } at ? ObjectDetail.Read(borrowed.Index, number, Read(evaluation).Span.Slice((int)at.Offset, at.Length)) : null;
    }

    ReadOnlyMemory<byte> Read(SimulatedEvaluation evaluation)
    {
        var (of, known) = last;
        if (of == evaluation.Id) return known;
        ReadOnlyMemory<byte> json = PostedResult.Of(evaluation);
        // The platform checks fewer rules than the index needs.
        if (ResultsValidator.ValidateReceived(ref json, [evaluation.Scan]) is { Count: > 0 } problems) throw new InvalidResultsException(problems);
        last = (evaluation.Id, json);
        return json;
    }

    /// <summary>The slide's size in level-0 pixels; null if it cannot be opened: objects are listed all the same.</summary>
    async Task<(double, double)?> SizeOfAsync(string slide, CancellationToken cancellationToken)
    {
        try
        {
            await using var lease = await slides.OpenAsync(slide, cancellationToken);
            return lease is null ? null : (lease.Slide.Slide.Width, lease.Slide.Slide.Height);
        }
        catch (SlidebridgeException)
        {
            return null;
        }
    }
}
