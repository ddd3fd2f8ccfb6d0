using System.Globalization;
using System.Text;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>Where a value is. Its JSON path is made only where somebody asks for it: a result has millions of values.</summary>
sealed class Place
{
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

    void AddTo(StringBuilder path)
    {
        parent?.AddTo(path);
        if (parent is null) path.Append(name);
        else if (name is null) path.Append(CultureInfo.InvariantCulture, $"[{index}]");
        else if (name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) path.Append('.').Append(name);
        else path.Append("['").Append(Node.Shortened(name)).Append("']");
    }
}
