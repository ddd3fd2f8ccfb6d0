namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>A DICOM object, read up to its pixels.</summary>
/// <param name="Number">What messages call it.</param>
/// <param name="Source">Its bytes.</param>
/// <param name="Syntax">How it is written.</param>
/// <param name="Dataset">The known elements.</param>
/// <param name="Pixels">Where the pixels' value begins and how long it is (-1: undefined, encapsulated); null where it has none.</param>
/// <param name="Positions">Where its frames lie, one by one; null where the object does not say.</param>
sealed record DicomObject(int Number, ByteSource Source, TransferSyntax Syntax, DicomDataset Dataset, (long Offset, long Length)? Pixels, FramePositions? Positions);
