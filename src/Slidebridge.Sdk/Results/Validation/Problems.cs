namespace Slidebridge.Sdk.Results.Validation;

/// <summary>The problems found so far.</summary>
sealed class Problems(ResultsStrictness strictness)
{
    /// <summary>More problems help nobody, and a million-point result has room for a million.</summary>
    const int Most = 100;

    readonly List<ResultsProblem> found = [];

    public IReadOnlyList<ResultsProblem> Found => found;

    public bool Full => found.Count >= Most;

    public bool IsBridge => strictness is ResultsStrictness.Bridge;

    /// <summary>The whole text is known to be Unicode: no free value needs to be looked at.</summary>
    public bool AllIsUnicode { get; init; }

    public void Add(string path, string what, string expected)
    {
        if (!Full) found.Add(new ResultsProblem(path, what, expected));
    }
}
