namespace Slidebridge.Fleet.Engines;

/// <summary>Texts of a cluster in messages of the bridge.</summary>
static class KubernetesText
{
    const int Longest = 400;

    /// <summary>One line without a full stop, not too long.</summary>
    public static string Sentence(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        line = string.Concat(line.Where(c => !char.IsControl(c)));
        return (line.Length > Longest ? string.Concat(line.AsSpan(0, Longest), "…") : line).TrimEnd('.', ' ');
    }

    /// <summary>What happened, with the cluster's own message where it has one.</summary>
    public static string With(string what, string? message) => string.IsNullOrWhiteSpace(message) ? what : $"{what}: {Sentence(message)}";
}
