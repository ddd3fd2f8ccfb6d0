using System.Text.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>The only rule of free values: their texts must be Unicode, because other text cannot be written again.</summary>
static class FreeRules
{
    const string Expected = "Unicode text";

    public static void Check(Node value)
    {
        if (!value.Problems.IsBridge || value.Problems.AllIsUnicode) return;
        switch (value.Kind)
        {
            // A text with a separate rule may have been refused already.
            case JsonValueKind.String when !value.IsUnicode && value.Problems.Found.All(p => p.Path != value.Path): value.Refuse(Expected); break;
            case JsonValueKind.Object: foreach (var member in value.Members()) Check(member); break;
            case JsonValueKind.Array: foreach (var element in value.Elements(Expected)) Check(element); break;
        }
    }
}
