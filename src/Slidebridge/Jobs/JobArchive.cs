using System.IO.Compression;
using System.Text;

namespace Slidebridge.Jobs;

/// <summary>A ZIP file that helps to debug a job: its log, the results, a picture with the results, and the classifier's debug files.</summary>
sealed class JobArchive
{
    /// <summary>Maximum characters of the log; whole lines are kept up to this limit.</summary>
    const int MostLog = 4 * 1024 * 1024;

    readonly StringBuilder log = new();
    readonly List<(string Name, byte[] Content)> files = [];

    /// <summary>Adds a line to the log.</summary>
    public void Tell(string line)
    {
        lock (log)
            if (log.Length < MostLog) log.Append(line).Append('\n');
    }

    public void Add(string name, byte[] content)
    {
        lock (log) files.Add((name, content));
    }

    /// <summary>Uploads the archive to its URL. The archive is only a help: an error is returned, and does not change the job's result.</summary>
    /// <returns>The error, or null.</returns>
    public async Task<string?> UploadAsync(HttpClient http, string url, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new ByteArrayContent(Pack());
            content.Headers.ContentType = new("application/zip");
            using var response = await http.PutAsync(Slides.Sources.SlideUrl.Parse(url), content, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"the server answered {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or Slides.SlideSourceException)
        {
            return e is OperationCanceledException ? "the upload timed out" : Slides.Sources.CertificateFailure.Of(e) ?? e.Message;
        }
    }

    byte[] Pack()
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            lock (log)
            {
                Write(zip, "log.txt", Encoding.UTF8.GetBytes(log.ToString()));
                foreach (var (name, content) in files) Write(zip, name, content);
            }
        }
        return packed.ToArray();
    }

    static void Write(ZipArchive zip, string name, byte[] content)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        entry.Write(content);
    }
}
