namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>The tags that a slide uses. TIFF 6.0 parts 1 to 3; JPEGTables from Adobe's Technical Note 2.</summary>
static class TiffTag
{
    public const int NewSubfileType = 254;
    public const int ImageWidth = 256;
    public const int ImageLength = 257;
    public const int BitsPerSample = 258;
    public const int Compression = 259;
    public const int Photometric = 262;
    public const int FillOrder = 266;
    public const int ImageDescription = 270;
    public const int Make = 271;
    public const int Model = 272;
    public const int StripOffsets = 273;
    public const int Orientation = 274;
    public const int SamplesPerPixel = 277;
    public const int RowsPerStrip = 278;
    public const int StripByteCounts = 279;
    public const int XResolution = 282;
    public const int YResolution = 283;
    public const int PlanarConfiguration = 284;
    public const int ResolutionUnit = 296;
    public const int Software = 305;
    public const int DateTime = 306;
    public const int Predictor = 317;
    public const int TileWidth = 322;
    public const int TileLength = 323;
    public const int TileOffsets = 324;
    public const int TileByteCounts = 325;
    public const int SubIfds = 330;
    public const int SampleFormat = 339;
    public const int JpegTables = 347;
    public const int JpegInterchangeFormat = 513;
    public const int JpegInterchangeFormatLength = 514;
    public const int YCbCrSubsampling = 530;
    public const int Xmp = 700;
    public const int IccProfile = 34675;
    public const int NdpiFormat = 65420;

    static readonly Dictionary<int, string> Names = typeof(TiffTag).GetFields()
        .Where(field => field.IsLiteral)
        .ToDictionary(field => (int)field.GetRawConstantValue()!, field => field.Name);

    /// <summary>The tag in messages: <c>TileOffsets (324)</c>.</summary>
    public static string Name(int tag) => Names.TryGetValue(tag, out var name) ? $"{name} ({tag})" : $"tag {tag}";
}
