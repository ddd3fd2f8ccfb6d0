using System.Globalization;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Commands;

/// <summary>Opens the slide of a command's argument; shows the progress if it must be copied first.</summary>
static class NamedSlide
{
    /// <param name="pathOrUrl">The slide.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <param name="options">How the slide is read; null for the defaults.</param>
    public static Task<Slide> OpenAsync(string pathOrUrl, CancellationToken cancellationToken, SlideOptions? options = null)
    {
        if (string.IsNullOrWhiteSpace(pathOrUrl)) throw new CommandException("SLIDE_OR_URL is empty.", 2);
        if (pathOrUrl.Contains("://", StringComparison.Ordinal) && !SlideUrl.TryParse(pathOrUrl, out _, out var problem)) throw new CommandException(problem, 2);
        return Slide.OpenAsync(pathOrUrl, (options ?? new SlideOptions()) with { Staging = new ToError() }, cancellationToken);
    }

    /// <summary>Opens the files of one slide, such as the DICOM objects of a folder.</summary>
    public static Task<Slide> OpenAsync(IReadOnlyList<string> files, CancellationToken cancellationToken, SlideOptions? options = null) =>
        Slide.OpenAsync(files, (options ?? new SlideOptions()) with { Staging = new ToError() }, cancellationToken);

    /// <summary>Shows progress on stderr, so that a command's stdout does not change: on a terminal one line that is rewritten, otherwise a line for each 10 %.</summary>
    sealed class ToError : IProgress<StagingProgress>
    {
        int told = -1;

        public void Report(StagingProgress value)
        {
            var percent = value.BytesTotal > 0 ? (int)(value.BytesDone * 100 / value.BytesTotal) : 100;
            if (Console.IsErrorRedirected) percent -= percent % 10;
            if (Interlocked.Exchange(ref told, percent) == percent) return;
            var text = string.Create(CultureInfo.InvariantCulture, $"copying the slide for OpenSlide: {percent} % of {value.BytesTotal / 1e6:0.#} MB");
            if (Console.IsErrorRedirected) Console.Error.WriteLine(text);
            else Console.Error.Write($"\r{text}{(percent == 100 ? "\n" : "")}");
        }
    }
}
