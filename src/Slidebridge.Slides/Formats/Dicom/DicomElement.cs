namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>A data element that this reader keeps.</summary>
/// <param name="Tag">Group &lt;&lt; 16 | element.</param>
/// <param name="Vr">Its value representation, see <see cref="DicomVr"/>.</param>
/// <param name="Offset">The value's offset in the object.</param>
/// <param name="Length">Bytes of the value; -1 for an undefined length.</param>
/// <param name="Value">The value; empty if it is too long to be kept, or a sequence.</param>
/// <param name="Items">A sequence's items; empty for other elements.</param>
sealed record DicomElement(int Tag, ushort Vr, long Offset, long Length, ReadOnlyMemory<byte> Value, IReadOnlyList<DicomDataset> Items);
