using System.CommandLine;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge results</c>: describes the form of results.</summary>
static class ResultsCommand
{
    public static Command Create()
    {
        var schema = new Command("schema", """
            Prints the JSON Schema of results.

            It is of draft 2020-12, for editors and for validators of other languages. 'slidebridge validate' also checks what a schema cannot say.

            Example:
              slidebridge results schema > results.schema.json
            """);
        schema.Does(async (parsed, _) =>
        {
            await parsed.InvocationConfiguration.Output.WriteAsync(ResultsSchema.Json);
            return 0;
        });
        return new Command("results", """
            Prints the JSON Schema of results.

            Example:
              slidebridge results schema
            """)
        { schema };
    }
}
