namespace Slidebridge.Sdk.Results;

/// <summary>The results as a JSON Schema (draft 2020-12), for editors, other languages and their validators. docs/results.md says which rules a schema cannot.</summary>
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
