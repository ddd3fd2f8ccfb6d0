using System.Collections.Frozen;

namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>The data elements that this reader knows, as group &lt;&lt; 16 | element. PS3.6 §6. All others are skipped.</summary>
static class DicomTag
{
    public const int
        TransferSyntaxUid = 0x00020010,
        SpecificCharacterSet = 0x00080005, ImageType = 0x00080008, SopClassUid = 0x00080016, SopInstanceUid = 0x00080018, StudyDate = 0x00080020,
        ContentDate = 0x00080023, AcquisitionDateTime = 0x0008002A, StudyTime = 0x00080030, ContentTime = 0x00080033, AccessionNumber = 0x00080050,
        Modality = 0x00080060, Manufacturer = 0x00080070, SeriesDescription = 0x0008103E, ManufacturerModelName = 0x00081090,
        PatientName = 0x00100010, PatientId = 0x00100020,
        SpacingBetweenSlices = 0x00180088, DeviceSerialNumber = 0x00181000, SoftwareVersions = 0x00181020,
        StudyInstanceUid = 0x0020000D, SeriesInstanceUid = 0x0020000E, SeriesNumber = 0x00200011, InstanceNumber = 0x00200013,
        ConcatenationUid = 0x00209161, InConcatenationNumber = 0x00209162, InConcatenationTotalNumber = 0x00209163,
        ConcatenationFrameOffsetNumber = 0x00209228, DimensionOrganizationType = 0x00209311,
        SamplesPerPixel = 0x00280002, PhotometricInterpretation = 0x00280004, PlanarConfiguration = 0x00280006, NumberOfFrames = 0x00280008,
        Rows = 0x00280010, Columns = 0x00280011, PixelSpacing = 0x00280030, BitsAllocated = 0x00280100, BitsStored = 0x00280101,
        PixelRepresentation = 0x00280103, IccProfile = 0x00282000, LossyImageCompressionRatio = 0x00282112, LossyImageCompressionMethod = 0x00282114,
        PixelMeasuresSequence = 0x00289110,
        ContainerIdentifier = 0x00400512, SpecimenIdentifier = 0x00400551, SpecimenDescriptionSequence = 0x00400560, ZOffset = 0x0040074A,
        ImagedVolumeWidth = 0x00480001, ImagedVolumeHeight = 0x00480002, TotalPixelMatrixColumns = 0x00480006, TotalPixelMatrixRows = 0x00480007,
        TotalPixelMatrixOriginSequence = 0x00480008, OpticalPathSequence = 0x00480105, OpticalPathIdentifier = 0x00480106,
        OpticalPathDescription = 0x00480107, ObjectiveLensPower = 0x00480112, OpticalPathIdentificationSequence = 0x00480207,
        PlanePositionSlideSequence = 0x0048021A, ColumnPosition = 0x0048021E, RowPosition = 0x0048021F,
        NumberOfOpticalPaths = 0x00480302, TotalPixelMatrixFocalPlanes = 0x00480303,
        SharedFunctionalGroupsSequence = 0x52009229, PerFrameFunctionalGroupsSequence = 0x52009230,
        ExtendedOffsetTable = 0x7FE00001, ExtendedOffsetTableLengths = 0x7FE00002, PixelData = 0x7FE00010;

    /// <summary>Delimiters of the items of a sequence and of the fragments of pixels. PS3.5 §7.5.</summary>
    public const int Item = unchecked((int)0xFFFEE000), ItemEnd = unchecked((int)0xFFFEE00D), SequenceEnd = unchecked((int)0xFFFEE0DD);

    static readonly FrozenDictionary<int, (string Name, ushort Vr)> Known = new Dictionary<int, (string, ushort)>
    {
        [TransferSyntaxUid] = ("TransferSyntaxUID", DicomVr.UI),
        [SpecificCharacterSet] = ("SpecificCharacterSet", DicomVr.CS),
        [ImageType] = ("ImageType", DicomVr.CS),
        [SopClassUid] = ("SOPClassUID", DicomVr.UI),
        [SopInstanceUid] = ("SOPInstanceUID", DicomVr.UI),
        [StudyDate] = ("StudyDate", DicomVr.DA),
        [ContentDate] = ("ContentDate", DicomVr.DA),
        [AcquisitionDateTime] = ("AcquisitionDateTime", DicomVr.DT),
        [StudyTime] = ("StudyTime", DicomVr.TM),
        [ContentTime] = ("ContentTime", DicomVr.TM),
        [AccessionNumber] = ("AccessionNumber", DicomVr.SH),
        [Modality] = ("Modality", DicomVr.CS),
        [Manufacturer] = ("Manufacturer", DicomVr.LO),
        [SeriesDescription] = ("SeriesDescription", DicomVr.LO),
        [ManufacturerModelName] = ("ManufacturerModelName", DicomVr.LO),
        [PatientName] = ("PatientName", DicomVr.PN),
        [PatientId] = ("PatientID", DicomVr.LO),
        [SpacingBetweenSlices] = ("SpacingBetweenSlices", DicomVr.DS),
        [DeviceSerialNumber] = ("DeviceSerialNumber", DicomVr.LO),
        [SoftwareVersions] = ("SoftwareVersions", DicomVr.LO),
        [StudyInstanceUid] = ("StudyInstanceUID", DicomVr.UI),
        [SeriesInstanceUid] = ("SeriesInstanceUID", DicomVr.UI),
        [SeriesNumber] = ("SeriesNumber", DicomVr.IS),
        [InstanceNumber] = ("InstanceNumber", DicomVr.IS),
        [ConcatenationUid] = ("ConcatenationUID", DicomVr.UI),
        [InConcatenationNumber] = ("InConcatenationNumber", DicomVr.US),
        [InConcatenationTotalNumber] = ("InConcatenationTotalNumber", DicomVr.US),
        [ConcatenationFrameOffsetNumber] = ("ConcatenationFrameOffsetNumber", DicomVr.UL),
        [DimensionOrganizationType] = ("DimensionOrganizationType", DicomVr.CS),
        [SamplesPerPixel] = ("SamplesPerPixel", DicomVr.US),
        [PhotometricInterpretation] = ("PhotometricInterpretation", DicomVr.CS),
        [PlanarConfiguration] = ("PlanarConfiguration", DicomVr.US),
        [NumberOfFrames] = ("NumberOfFrames", DicomVr.IS),
        [Rows] = ("Rows", DicomVr.US),
        [Columns] = ("Columns", DicomVr.US),
        [PixelSpacing] = ("PixelSpacing", DicomVr.DS),
        [BitsAllocated] = ("BitsAllocated", DicomVr.US),
        [BitsStored] = ("BitsStored", DicomVr.US),
        [PixelRepresentation] = ("PixelRepresentation", DicomVr.US),
        [IccProfile] = ("ICCProfile", DicomVr.OB),
        [LossyImageCompressionRatio] = ("LossyImageCompressionRatio", DicomVr.DS),
        [LossyImageCompressionMethod] = ("LossyImageCompressionMethod", DicomVr.CS),
        [PixelMeasuresSequence] = ("PixelMeasuresSequence", DicomVr.SQ),
        [ContainerIdentifier] = ("ContainerIdentifier", DicomVr.LO),
        [SpecimenIdentifier] = ("SpecimenIdentifier", DicomVr.LO),
        [SpecimenDescriptionSequence] = ("SpecimenDescriptionSequence", DicomVr.SQ),
        [ZOffset] = ("ZOffsetInSlideCoordinateSystem", DicomVr.DS),
        [ImagedVolumeWidth] = ("ImagedVolumeWidth", DicomVr.FL),
        [ImagedVolumeHeight] = ("ImagedVolumeHeight", DicomVr.FL),
        [TotalPixelMatrixColumns] = ("TotalPixelMatrixColumns", DicomVr.UL),
        [TotalPixelMatrixRows] = ("TotalPixelMatrixRows", DicomVr.UL),
        [TotalPixelMatrixOriginSequence] = ("TotalPixelMatrixOriginSequence", DicomVr.SQ),
        [OpticalPathSequence] = ("OpticalPathSequence", DicomVr.SQ),
        [OpticalPathIdentifier] = ("OpticalPathIdentifier", DicomVr.SH),
        [OpticalPathDescription] = ("OpticalPathDescription", DicomVr.ST),
        [ObjectiveLensPower] = ("ObjectiveLensPower", DicomVr.DS),
        [OpticalPathIdentificationSequence] = ("OpticalPathIdentificationSequence", DicomVr.SQ),
        [PlanePositionSlideSequence] = ("PlanePositionSlideSequence", DicomVr.SQ),
        [ColumnPosition] = ("ColumnPositionInTotalImagePixelMatrix", DicomVr.SL),
        [RowPosition] = ("RowPositionInTotalImagePixelMatrix", DicomVr.SL),
        [NumberOfOpticalPaths] = ("NumberOfOpticalPaths", DicomVr.UL),
        [TotalPixelMatrixFocalPlanes] = ("TotalPixelMatrixFocalPlanes", DicomVr.UL),
        [SharedFunctionalGroupsSequence] = ("SharedFunctionalGroupsSequence", DicomVr.SQ),
        [PerFrameFunctionalGroupsSequence] = ("PerFrameFunctionalGroupsSequence", DicomVr.SQ),
        [ExtendedOffsetTable] = ("ExtendedOffsetTable", DicomVr.OV),
        [ExtendedOffsetTableLengths] = ("ExtendedOffsetTableLengths", DicomVr.OV),
        [PixelData] = ("PixelData", DicomVr.OW),
    }.ToFrozenDictionary();

    /// <summary>The value representation of a known element, which implicit little endian does not store. 0 for any other element.</summary>
    public static ushort Vr(int tag) => Known.TryGetValue(tag, out var known) ? known.Vr : (ushort)0;

    /// <summary>Its keyword and its number, for messages: <c>Rows (0028,0010)</c>.</summary>
    public static string Name(int tag)
    {
        var number = $"({(uint)tag >> 16:X4},{tag & 0xFFFF:X4})";
        return Known.TryGetValue(tag, out var known) ? $"{known.Name} {number}" : number;
    }

    /// <summary>Its keyword alone, as a property name.</summary>
    public static string Keyword(int tag) => Known[tag].Name;
}
