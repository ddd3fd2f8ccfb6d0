namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>A data element that was kept.</summary>
/// <param name="Tag">Group &lt;&lt; 16 | element.</param>
/// <param name="Vr">How its value is written, see <see cref="DicomVr"/>.</param>
/// <param name="Offset">Where the value begins in the object.</param>
/// <param name="Length">Bytes of the value; -1 for an undefined length.</param>
/// <param name="Value">The value; empty where it is too long to be kept, or a sequence.</param>
/// <param name="Items">A sequence's items; empty for anything else.</param>
sealed record DicomElement(int Tag, ushort Vr, long Offset, long Length, ReadOnlyMemory<byte> Value, IReadOnlyList<DicomDataset> Items);
