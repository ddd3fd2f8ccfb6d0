using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Slidebridge.Sdk.Json;

/// <summary>The position of a value. Its JSON path is created only on request: a result has millions of values.</summary>
sealed class Place
{
    /// <summary>Maximum characters of a text in a message.</summary>
    const int LongestTold = 40;

    public static readonly Place Root = new(null, "$", 0);

    readonly Place? parent;
    readonly string? name;
    readonly int index;

    Place(Place? parent, string? name, int index) => (this.parent, this.name, this.index) = (parent, name, index);

    public Place Member(string member) => new(this, member, 0);

    public Place Element(int element) => new(this, null, element);

    public override string ToString()
    {
        var path = new StringBuilder();
        AddTo(path);
        return path.ToString();
    }

    /// <summary>The beginning of the text, escaped as in JSON, so that a line break in it does not split a log line.</summary>
    public static string Shortened(string text) => JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text.Length <= LongestTold ? text : text[..LongestTold]) + (text.Length <= LongestTold ? "" : "…");

    void AddTo(StringBuilder path)
    {
        parent?.AddTo(path);
        if (parent is null) path.Append(name);
        else if (name is null) path.Append(CultureInfo.InvariantCulture, $"[{index}]");
        else if (name.Length is > 0 and <= 64 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) path.Append('.').Append(name);
        else path.Append("['").Append(Shortened(name)).Append("']");
    }
}
