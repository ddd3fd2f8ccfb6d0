namespace Slidebridge.Fuzz.Mutations;

/// <summary>Decimal numbers in texts: OME-XML's sizes, Aperio's descriptions, DICOM's number strings.</summary>
static class TextFields
{
    // Among letters; else they are pixels by chance.
    const int Least = 6, MostNumbers = 400;

    public static void AddTo(List<Field> fields, ReadOnlySpan<byte> bytes)
    {
        var found = 0;
        for (var at = 0; at < bytes.Length && found < MostNumbers; at++)
        {
            var length = 0;
            while (at + length < bytes.Length && bytes[at + length] is >= 0x20 and < 0x7F) length++;
            if (length >= Least)
                for (var i = at; i < at + length; i++)
                {
                    var digits = 0;
                    while (i + digits < at + length && bytes[i + digits] is >= (byte)'0' and <= (byte)'9') digits++;
                    if (digits == 0) continue;
                    fields.Add(new Field(i, digits) { IsDigits = true });
                    found++;
                    i += digits;
                }
            at += length;
        }
    }
}
