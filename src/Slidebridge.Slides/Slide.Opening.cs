using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Opening;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides;

/// <content>How a slide is opened: from a path, a folder, a URL, or several of them.</content>
public sealed partial class Slide
{
    /// <summary>Opens a file, a folder (a DICOM series), or an object behind an http(s) URL by range requests.</summary>
    /// <param name="pathOrUrl">A path, or a URL beginning <c>http://</c> or <c>https://</c>.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="SlideFormatException">The bytes are not a readable slide.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static async Task<Slide> OpenAsync(string pathOrUrl, SlideOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(pathOrUrl);
        var isPath = !HttpSource.IsHttp(pathOrUrl);
        var objects = isPath && Directory.Exists(pathOrUrl) ? SlideObjects.FilesOf(pathOrUrl) : [pathOrUrl];
        return await OpenObjectsAsync(objects, isPath ? pathOrUrl : null, options, cancellationToken);
    }

    /// <summary>Opens a slide that consists of several objects, such as the instances of a DICOM series.</summary>
    /// <param name="pathsOrUrls">Files or http(s) URLs, in any order.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="SlideFormatException">The bytes are not a readable slide, or are of several slides.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static Task<Slide> OpenAsync(IReadOnlyList<string> pathsOrUrls, SlideOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pathsOrUrls);
        return pathsOrUrls is [var only] ? OpenAsync(only, options, cancellationToken) : OpenObjectsAsync(pathsOrUrls, null, options, cancellationToken);
    }

    /// <summary>Opens an object behind an http(s) URL by range requests. Never opens a file, so a service can call this with an address from outside.</summary>
    /// <exception cref="ArgumentException">The address is not an http(s) URL.</exception>
    /// <exception cref="SlideFormatException">The bytes are not a readable slide.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static Task<Slide> OpenAsync(Uri url, SlideOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(url);
        return OpenAsync([url], options, cancellationToken);
    }

    /// <summary>Opens the objects behind http(s) URLs as one slide (the platform's <c>scan_urls</c>). Never opens a file.</summary>
    /// <exception cref="ArgumentException">The list is empty, or contains an address that is not an http(s) URL.</exception>
    /// <exception cref="SlideFormatException">The bytes are not a readable slide, or are of several slides.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static Task<Slide> OpenAsync(IReadOnlyList<Uri> urls, SlideOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(urls);
        if (urls.Any(url => !url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))) throw new ArgumentException("Every address must be an http or https URL.", nameof(urls));
        return OpenObjectsAsync([.. urls.Select(url => url.OriginalString)], null, options, cancellationToken);
    }

    /// <summary>Opens a slide from any source and takes ownership of it, even if opening fails.</summary>
    /// <exception cref="SlideFormatException">The bytes are not a readable slide.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static Task<Slide> OpenAsync(ByteSource source, SlideOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return SlideOpening.OpenAsync([source], null, options, cancellationToken);
    }

    /// <summary>Opens a slide that consists of several sources, in any order, and takes ownership of them, even if opening fails.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="SlideFormatException">The bytes are not a readable slide, or are of several slides.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static Task<Slide> OpenAsync(IReadOnlyList<ByteSource> sources, SlideOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0) throw new ArgumentException("Give at least one source.", nameof(sources));
        return SlideOpening.OpenAsync(sources, null, options, cancellationToken);
    }

    static async Task<Slide> OpenObjectsAsync(IReadOnlyList<string> pathsOrUrls, string? path, SlideOptions? options, CancellationToken cancellationToken)
    {
        options ??= SlideOptions.Default;
        options.Validate();
        return await SlideOpening.OpenAsync(await SlideObjects.OpenAsync(pathsOrUrls, options, cancellationToken), path, options, cancellationToken);
    }
}
