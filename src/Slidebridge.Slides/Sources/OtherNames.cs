using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Determines whether a new ETag is another node's name for the same object, or belongs to an object that replaced it: docs/decisions/remote-slides.md.
/// 1. known bytes are requested again, on new connections, so that any node may answer;
/// 2. if they differ, the object was replaced;
/// 3. the new ETag is accepted if it was sent with all known pieces, and the old ETag was also sent again meanwhile: after a replacement, the old one never appears again.
///    An equal Last-Modified that is old enough is accepted instead.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore has nothing to dispose if its wait handle is never used.")]
sealed class OtherNames
{
    // If two nodes answer at random, both are seen in this many attempts, except in one case in a million.
    const int Tries = 24;

    // Maximum nodes of one store; a server with more tags creates a new tag for every answer.
    const int MostNames = 16;

    readonly SemaphoreSlim finding = new(1, 1);
    readonly Dictionary<string, HashSet<long>> shown = [];

    /// <summary>Returns whether the ETag is accepted now. If not, the old one is still in use, and the read may be retried.</summary>
    /// <param name="name">The ETag of an answer.</param>
    /// <param name="seen">The object that was opened.</param>
    /// <param name="client">Sends the requests.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="SlideSourceException">The object was probably replaced.</exception>
    public async Task<bool> FindOutAsync(string name, SeenObject seen, RangeClient client, CancellationToken cancellationToken)
    {
        await finding.WaitAsync(cancellationToken);
        try
        {
            if (seen.Tags.Contains(name)) return true;
            seen.DemandNothing();
            var pieces = seen.Known.Pieces;
            var (oldAnswers, provenByTime) = (false, false);
            for (var i = 0; i < Tries && shown.Count < MostNames && pieces.Count > 0; i++)
            {
                var piece = pieces.FirstOrDefault(piece => !Shown(name).Contains(piece.Offset)) ?? pieces[0];
                var version = await AskAsync(piece, seen, client, cancellationToken);
                if (seen.Compare(version) == Sameness.Same) oldAnswers = true;
                else Shown(version.Tag!).Add(piece.Offset);
                if (version.Tag == name) provenByTime = seen.First is { IsSettled: true, Modified: { } before } && version.Modified == before;
                if (!pieces.All(piece => Shown(name).Contains(piece.Offset)) || !(oldAnswers || provenByTime)) continue;
                seen.Accept(name);
                return true;
            }
            // The new ETag was seen rarely or never: while the old one still appears, reading may continue with it.
            return oldAnswers ? false : throw client.Answers.Replaced();
        }
        finally
        {
            finding.Release();
        }
    }

    HashSet<long> Shown(string tag) => shown.TryGetValue(tag, out var offsets) ? offsets : shown[tag] = [];

    /// <summary>The object's version from a node that has the known bytes.</summary>
    static async Task<ObjectVersion> AskAsync(KnownBytes.Piece piece, SeenObject seen, RangeClient client, CancellationToken cancellationToken)
    {
        var answer = await client.ProbeAsync(new RangeHeaderValue(piece.Offset, piece.Offset + piece.Bytes.Length - 1), piece.Bytes.Length, null, elsewhere: true, cancellationToken);
        var isPiece = answer.Status == HttpStatusCode.PartialContent && answer.Range is { HasRange: true } range && range.From == piece.Offset && (range.Length ?? seen.Length) == seen.Length;
        if (!isPiece || answer.Bytes.IsEmpty || !piece.Bytes.AsSpan().StartsWith(answer.Bytes.Span) || seen.Compare(answer.Version) == Sameness.Replaced) throw client.Answers.Replaced(answer.Status);
        return answer.Version;
    }
}
