using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.GeoJson;

/// <summary>A point of a slide.</summary>
/// <param name="X">Level-0 pixels to the right of the slide's left edge.</param>
/// <param name="Y">Level-0 pixels below the slide's top edge.</param>
[JsonConverter(typeof(PositionConverter))]
public readonly record struct Position(double X, double Y);

/// <summary>A position is an array of two numbers (RFC 7946 §3.1.1); a third number, the altitude, is ignored.</summary>
sealed class PositionConverter : JsonConverter<Position>
{
    public override Position Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("a position is an array of numbers");
        var (x, y) = (Number(ref reader), Number(ref reader));
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) reader.Skip();
        return new Position(x, y);
    }

    public override void Write(Utf8JsonWriter writer, Position value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        Write(writer, value.X, options);
        Write(writer, value.Y, options);
        writer.WriteEndArray();
    }

    static void Write(Utf8JsonWriter writer, double number, JsonSerializerOptions options)
    {
        if (options.NumberHandling.HasFlag(JsonNumberHandling.AllowNamedFloatingPointLiterals) && !double.IsFinite(number)) writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
        else writer.WriteNumberValue(number);
    }

    static double Number(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : throw new JsonException("a position has two numbers");
}
