using Slidebridge.Slides.Formats.OpenSlide.Reader;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>
/// Opens slides of kinds that no other format knows, through libopenslide if it is installed:
/// 1. the bytes show the kind of slide, for messages and to avoid a useless download;
/// 2. a local file is opened in its place, so that OpenSlide finds the files beside it;
/// 3. a remote slide, or one in a zip, is first copied to a private temporary file;
/// 4. the library runs in a separate process (<see cref="Reader.ReaderProcess"/>): a slide that crashes it affects nothing else.
/// </summary>
sealed class OpenSlideFormat : ISlideFormat
{
    public string Name => "another format that OpenSlide reads (NDPI, SCN, BIF, Philips, MRXS, VMS, CZI, SVSLIDE)";

    public async ValueTask<SlideContent?> TryOpenAsync(SlideProbe probe, CancellationToken cancellationToken)
    {
        if (probe.Single is not { } only) return null;
        var kind = await ForeignSlide.RecogniseAsync(only, probe.Options.WithholdLabels, cancellationToken);
        if (kind is not null)
        {
            CheckLibrary(kind);
            return await OpenAsync(probe, kind, cancellationToken);
        }
        // The main file of a MIRAX slide is a JPEG; only OpenSlide can recognise it, by the folder beside it.
        if (only.Source.Length > 0 && OpenSlideLibrary.IsAvailable && LocalFile(probe) is { } path && await Task.Run(() => OpenSlideFile.TryOpen(path, FolderOf(path), "a slide of a kind that OpenSlide knows"), cancellationToken) is { } file)
            return Describe(new OpenSlideSession(null) { File = file });
        return OrdinaryFile.Describe(only) is { } what ? throw new SlideFormatException(what, 0) : null;
    }

    /// <summary>Opens the only object through OpenSlide, without a check of its kind.</summary>
    public static async Task<SlideContent> OpenAsync(SlideProbe probe, ForeignSlide kind, CancellationToken cancellationToken)
    {
        var (only, path) = (probe.Single!, LocalFile(probe));
        if (path is null && kind.HasCompanions)
            throw new SlideFormatException($"The slide is {kind.What}, which consists of several files in one folder. Download all of them into one folder and open the file there.", 0);
        var staged = path is null ? await StagedSlide.CopyAsync(only.Source, probe.Options, cancellationToken) : null;
        var session = new OpenSlideSession(staged);
        try
        {
            // For a slide from elsewhere, no file beside it is read. An operator's own slide may consist of several files.
            session.File = await Task.Run(() => OpenSlideFile.Open(path ?? staged!.Path, path is null ? null : FolderOf(path), kind.What), cancellationToken);
            return Describe(session);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    static SlideContent Describe(OpenSlideSession session)
    {
        try
        {
            return OpenSlideContent.Describe(session.File!, session);
        }
        catch
        {
            session.File!.Dispose();
            throw;
        }
    }

    static string? FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path));

    // The opened path may be a folder that contains one file.
    static string? LocalFile(SlideProbe probe) =>
        File.Exists(probe.Path) ? probe.Path
        : Directory.Exists(probe.Path) && Directory.EnumerateFiles(probe.Path).Take(2).ToArray() is [var only] ? only
        : null;

    static void CheckLibrary(ForeignSlide kind)
    {
        if (!OpenSlideLibrary.IsAvailable)
            throw new SlideFormatException(
                $"The slide is {kind.What}, which needs OpenSlide{(kind.NeedsVersion4 ? " 4.0 or newer" : "")}, and OpenSlide is not installed. " +
                "Install it (Debian and Ubuntu: apt install libopenslide0, or libopenslide1 on newer releases; Fedora: openslide; macOS: brew install openslide; Windows: add the bin folder of the download from openslide.org to PATH), or export the slide as SVS, pyramidal TIFF or DICOM.", 0);
        if (kind.NeedsVersion4 && OpenSlideLibrary.Version.StartsWith("3.", StringComparison.Ordinal))
            throw new SlideFormatException($"The slide is {kind.What}, which needs OpenSlide 4.0 or newer; version {OpenSlideLibrary.Version} is installed. Update it, or export the slide as SVS, pyramidal TIFF or DICOM.", 0);
    }
}

/// <summary>Cleans up when a slide that OpenSlide reads is disposed: closes the handle first, then deletes the file.</summary>
sealed class OpenSlideSession(StagedSlide? staged) : IAsyncDisposable
{
    public OpenSlideFile? File { get; set; }

    public ValueTask DisposeAsync()
    {
        File?.Dispose();
        staged?.Dispose();
        return default;
    }
}
