namespace Slidebridge.Sdk.Results.Validation;

/// <summary>The problems found so far.</summary>
sealed class Problems(ResultsStrictness strictness)
{
    /// <summary>The maximum number of problems: more do not help a reader, and a result with a million points could have a million.</summary>
    const int Most = 100;

    readonly List<ResultsProblem> found = [];

    public IReadOnlyList<ResultsProblem> Found => found;

    public bool Full => found.Count >= Most;

    public bool IsBridge => strictness is ResultsStrictness.Bridge;

    /// <summary>True if the whole text is known to be Unicode: then no free value needs a check.</summary>
    public bool AllIsUnicode { get; init; }

    public void Add(string path, string what, string expected)
    {
        if (!Full) found.Add(new ResultsProblem(path, what, expected));
    }
}
