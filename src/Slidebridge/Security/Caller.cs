namespace Slidebridge.Security;

/// <summary>Who calls the API or runs a command, as far as the bridge has verified it. An action's event and the audit log name this caller.</summary>
/// <param name="Name">The token's or the person's name.</param>
/// <param name="Role">What the caller may do.</param>
/// <param name="Companies">The companies whose tasks the caller may see; empty: all.</param>
/// <param name="From">The caller's address, or what stands for it.</param>
/// <param name="Groups">The execution groups whose tasks a worker may take; null or empty: all.</param>
sealed record Caller(string Name, Role Role, IReadOnlyList<string> Companies, string? From, IReadOnlyList<string>? Groups = null)
{
    /// <summary>Whether the caller may see a company's tasks.</summary>
    public bool MaySee(string? company) => Companies.Count == 0 || (company is not null && Companies.Contains(company));

    public override string ToString() => Name;
}
