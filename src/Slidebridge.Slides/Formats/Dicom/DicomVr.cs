namespace Slidebridge.Slides.Formats.Dicom;

/// <summary>Value representations as two letters, the first in the high byte. PS3.5 §6.2.</summary>
static class DicomVr
{
    public const ushort
        AT = 'A' << 8 | 'T', CS = 'C' << 8 | 'S', DA = 'D' << 8 | 'A', DS = 'D' << 8 | 'S', DT = 'D' << 8 | 'T', FD = 'F' << 8 | 'D', FL = 'F' << 8 | 'L',
        IS = 'I' << 8 | 'S', LO = 'L' << 8 | 'O', LT = 'L' << 8 | 'T', OB = 'O' << 8 | 'B', OD = 'O' << 8 | 'D', OF = 'O' << 8 | 'F', OL = 'O' << 8 | 'L', OV = 'O' << 8 | 'V',
        OW = 'O' << 8 | 'W', PN = 'P' << 8 | 'N', SH = 'S' << 8 | 'H', SL = 'S' << 8 | 'L', SQ = 'S' << 8 | 'Q', SS = 'S' << 8 | 'S', ST = 'S' << 8 | 'T',
        SV = 'S' << 8 | 'V', TM = 'T' << 8 | 'M', UC = 'U' << 8 | 'C', UI = 'U' << 8 | 'I', UL = 'U' << 8 | 'L', UN = 'U' << 8 | 'N', UR = 'U' << 8 | 'R',
        US = 'U' << 8 | 'S', UT = 'U' << 8 | 'T', UV = 'U' << 8 | 'V';

    /// <summary>True if two reserved bytes and a length of four bytes follow. PS3.5 table 7.1-1.</summary>
    public static bool HasLongLength(ushort vr) => vr is OB or OD or OF or OL or OV or OW or SQ or SV or UC or UN or UR or UT or UV;

    /// <summary>True for two capital letters: a newer edition of the standard may define more representations.</summary>
    public static bool IsPlausible(ushort vr) => (vr >> 8) is >= 'A' and <= 'Z' && (vr & 0xFF) is >= 'A' and <= 'Z';
}
