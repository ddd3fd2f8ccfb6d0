namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>Puts the objects of a concatenation (one instance, split into several objects) in order. PS3.3 C.7.6.16.2.2.4.</summary>
static class Concatenation
{
    /// <exception cref="SlideFormatException">A part is missing, duplicated, or does not match the others; the message names its number.</exception>
    public static IReadOnlyList<DicomInstance> Arrange(IReadOnlyList<DicomInstance> instances)
    {
        var first = instances[0];
        if (first.ConcatenationUid is null) return instances;

        var parts = instances.OrderBy(Number).ToList();
        var total = (int?)first.Object.Dataset.Integer(DicomTag.InConcatenationTotalNumber);
        long frames = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (Number(part) < i + 1) throw Fail(part, $"Objects {parts[i - 1].Object.Number} and {part.Object.Number} are both part {Number(part)} of a concatenation. Open the slide without one of them");
            var offset = part.Object.Dataset.Integer(DicomTag.ConcatenationFrameOffsetNumber) ?? frames;
            if (Number(part) > i + 1 || offset > frames) throw Missing(i + 1);
            if (offset < frames) throw Fail(part, $"Part {i + 1} of a concatenation begins with frame {offset + 1}; the parts before it have {frames} frames");
            if ((part.Width, part.Height, part.Pixels, part.Object.Syntax, part.IsTiledFull) != (first.Width, first.Height, first.Pixels, first.Object.Syntax, first.IsTiledFull))
                throw Fail(part, $"Part {i + 1} of a concatenation has another size, another kind of tiles or another transfer syntax than object {first.Object.Number}");
            frames += part.Frames;
        }
        if (total > parts.Count) throw Missing(parts.Count + 1);
        if (frames > int.MaxValue) throw Fail(first, $"A concatenation has {frames} frames; at most {int.MaxValue} can be read");
        return parts;

        SlideFormatException Missing(int number) => Fail(first, $"Part {number}{(total is null ? "" : $" of {total}")} of a concatenation is missing. Open the slide with all of its objects");
    }

    static long Number(DicomInstance part) => part.Object.Dataset.Size(DicomTag.InConcatenationNumber, 1, ushort.MaxValue);

    static SlideFormatException Fail(DicomInstance part, string what) =>
        new($"{what}.", part.Object.Dataset.Find(DicomTag.InConcatenationNumber)?.Offset, DicomTag.InConcatenationNumber);
}
