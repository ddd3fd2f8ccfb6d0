namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>A DICOM object, read up to its pixels.</summary>
/// <param name="Number">Its number in messages.</param>
/// <param name="Source">Its bytes.</param>
/// <param name="Syntax">Its transfer syntax.</param>
/// <param name="Dataset">The known elements.</param>
/// <param name="Pixels">The offset and the length of the pixels' value (-1: undefined, encapsulated); null if there are no pixels.</param>
/// <param name="Positions">The position of each frame; null if the object has none.</param>
sealed record DicomObject(int Number, ByteSource Source, TransferSyntax Syntax, DicomDataset Dataset, (long Offset, long Length)? Pixels, FramePositions? Positions);
