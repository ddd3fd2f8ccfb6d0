namespace Slidebridge.Sdk.Results;

/// <summary>The JSON Schema (draft 2020-12) of results, for editors, other languages and their validators. docs/results.md lists the rules that a schema cannot express.</summary>
public static class ResultsSchema
{
    const string Resource = "Slidebridge.Sdk.Results.results.schema.json";

    /// <summary>The schema's JSON.</summary>
    public static string Json { get; } = Read();

    static string Read()
    {
        using var stream = typeof(ResultsSchema).Assembly.GetManifestResourceStream(Resource)!;
        using var text = new StreamReader(stream);
        return text.ReadToEnd();
    }
}
