namespace Slidebridge.Settings;

/// <summary>Suggests the correct name for a misspelt one.</summary>
static class Spelling
{
    /// <summary>The name closest to a word, with at most a few letters of difference; null if there is none.</summary>
    /// <param name="word">The misspelt word.</param>
    /// <param name="names">The valid names.</param>
    public static string? Nearest(string word, IEnumerable<string> names)
    {
        var most = word.Trim('-').Length switch { <= 2 => 0, <= 4 => 1, <= 7 => 2, _ => 3 };
        return names.Select(name => (Name: name, Distance: Distance(word, name))).Where(each => each.Distance <= most).OrderBy(each => each.Distance).ThenBy(each => each.Name, StringComparer.Ordinal).FirstOrDefault().Name;
    }

    /// <summary>Letters that must be replaced, added, removed or swapped with their neighbour (Damerau and Levenshtein's, in its restricted form).</summary>
    static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) table[i, 0] = i;
        for (var k = 0; k <= b.Length; k++) table[0, k] = k;
        for (var i = 1; i <= a.Length; i++)
            for (var k = 1; k <= b.Length; k++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[k - 1]) ? 0 : 1;
                table[i, k] = Math.Min(Math.Min(table[i - 1, k] + 1, table[i, k - 1] + 1), table[i - 1, k - 1] + cost);
                if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) table[i, k] = Math.Min(table[i, k], table[i - 2, k - 2] + 1);
            }
        return table[a.Length, b.Length];
    }
}
