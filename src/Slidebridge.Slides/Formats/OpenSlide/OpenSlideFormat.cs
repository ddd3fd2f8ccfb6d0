using Slidebridge.Slides.Formats.OpenSlide.Reader;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>
/// What no other format knows, through libopenslide where the machine has it:
/// 1. the bytes tell what the slide is, for a message and to spare a download that leads nowhere;
/// 2. a local file is opened where it lies, so that OpenSlide finds what lies beside it;
/// 3. a remote one, or one in a zip, is first staged to a private temporary file;
/// 4. the library runs in a process of its own (<see cref="Reader.ReaderProcess"/>): a slide that breaks it breaks nothing else.
/// </summary>
sealed class OpenSlideFormat : ISlideFormat
{
    public string Name => "another that OpenSlide reads (NDPI, SCN, BIF, Philips, MRXS, VMS, CZI, SVSLIDE)";

    public async ValueTask<SlideContent?> TryOpenAsync(SlideProbe probe, CancellationToken cancellationToken)
    {
        if (probe.Single is not { } only) return null;
        var kind = await ForeignSlide.RecogniseAsync(only, cancellationToken);
        if (kind is not null)
        {
            CheckLibrary(kind);
            return await OpenAsync(probe, kind, cancellationToken);
        }
        // A MIRAX slide's file is a JPEG; only OpenSlide can tell it from any other, by the folder beside it.
        if (only.Source.Length > 0 && OpenSlideLibrary.IsAvailable && LocalFile(probe) is { } path && await Task.Run(() => OpenSlideFile.TryOpen(path, FolderOf(path), "a slide of a kind that OpenSlide knows"), cancellationToken) is { } file)
            return Describe(new OpenSlideSession(null) { File = file });
        return OrdinaryFile.Describe(only) is { } what ? throw new SlideFormatException(what, 0) : null;
    }

    /// <summary>Opens the only object through OpenSlide, whatever it is.</summary>
    public static async Task<SlideContent> OpenAsync(SlideProbe probe, ForeignSlide kind, CancellationToken cancellationToken)
    {
        var (only, path) = (probe.Single!, LocalFile(probe));
        if (path is null && kind.HasCompanions)
            throw new SlideFormatException($"The slide is {kind.What}, which is several files that lie beside each other. Download all of them into one folder and open the file there.", 0);
        var staged = path is null ? await StagedSlide.CopyAsync(only.Source, probe.Options, cancellationToken) : null;
        var session = new OpenSlideSession(staged);
        try
        {
            // Of what came from elsewhere, nothing beside it is read. An operator's own slide may be of several files.
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

    // What was opened may be a folder with one file.
    static string? LocalFile(SlideProbe probe) =>
        File.Exists(probe.Path) ? probe.Path
        : Directory.Exists(probe.Path) && Directory.EnumerateFiles(probe.Path).Take(2).ToArray() is [var only] ? only
        : null;

    static void CheckLibrary(ForeignSlide kind)
    {
        if (!OpenSlideLibrary.IsAvailable)
            throw new SlideFormatException(
                $"The slide is {kind.What}, which is read through OpenSlide{(kind.NeedsVersion4 ? " 4.0 or newer" : "")}, and that is not installed. " +
                "Install it (Debian and Ubuntu: apt install libopenslide0, or libopenslide1 where there is one; Fedora: openslide; macOS: brew install openslide; Windows: the folder bin of openslide.org's download in PATH), or export the slide as SVS, pyramidal TIFF or DICOM.", 0);
        if (kind.NeedsVersion4 && OpenSlideLibrary.Version.StartsWith("3.", StringComparison.Ordinal))
            throw new SlideFormatException($"The slide is {kind.What}, which takes OpenSlide 4.0 or newer; {OpenSlideLibrary.Version} is installed. Update it, or export the slide as SVS, pyramidal TIFF or DICOM.", 0);
    }
}

/// <summary>What is to be undone when a slide that OpenSlide reads is disposed: the handle first, then the file under it.</summary>
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
