using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Finds out whether an ETag that was not seen before is another node's name of the same object, or an object that replaced it: docs/decisions/remote-slides.md.
/// 1. bytes that are known are asked for again, on new connections, so that any node may answer;
/// 2. where they differ, the object was replaced;
/// 3. the new name is taken once it has shown all known pieces, and the old one has answered again meanwhile: of an object that was replaced it never does.
///    Instead of that, a Last-Modified that agrees and lies back long enough is as good.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle was never asked for holds nothing to dispose.")]
sealed class OtherNames
{
    // Of two nodes that take turns at random, both are met in as many tries, but for one case in a million.
    const int Tries = 24;

    // Nodes of one store; a server that invents a tag for every answer has no tags.
    const int MostNames = 16;

    readonly SemaphoreSlim finding = new(1, 1);
    readonly Dictionary<string, HashSet<long>> shown = [];

    /// <summary>Returns whether the name is known by now; where not, the old one still answers, and the read may be tried again.</summary>
    /// <param name="name">The ETag of an answer.</param>
    /// <param name="seen">The object that was opened.</param>
    /// <param name="client">Asks again.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="SlideSourceException">The object was replaced, as far as can be told.</exception>
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
            // Seldom met, or never: as long as the old name answers, reading may go on under it.
            return oldAnswers ? false : throw client.Answers.Replaced();
        }
        finally
        {
            finding.Release();
        }
    }

    HashSet<long> Shown(string tag) => shown.TryGetValue(tag, out var offsets) ? offsets : shown[tag] = [];

    /// <summary>How the object is named by the node that was met, whose bytes are the known ones.</summary>
    static async Task<ObjectVersion> AskAsync(KnownBytes.Piece piece, SeenObject seen, RangeClient client, CancellationToken cancellationToken)
    {
        var answer = await client.ProbeAsync(new RangeHeaderValue(piece.Offset, piece.Offset + piece.Bytes.Length - 1), piece.Bytes.Length, null, elsewhere: true, cancellationToken);
        var isPiece = answer.Status == HttpStatusCode.PartialContent && answer.Range is { HasRange: true } range && range.From == piece.Offset && (range.Length ?? seen.Length) == seen.Length;
        if (!isPiece || answer.Bytes.IsEmpty || !piece.Bytes.AsSpan().StartsWith(answer.Bytes.Span) || seen.Compare(answer.Version) == Sameness.Replaced) throw client.Answers.Replaced(answer.Status);
        return answer.Version;
    }
}
