using System.CommandLine;

namespace Slidebridge.Tests.Commands;

/// <summary>How a command ended that was run in this process.</summary>
sealed record Ran(int Code, string Out, string Error)
{
    public static async Task<Ran> AsAsync(Command command, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        var parsed = command.Parse(arguments);
        var code = parsed.Errors.Count > 0 ? 2 : await parsed.InvokeAsync(configuration, TestContext.Current.CancellationToken);
        return new Ran(code, output.ToString(), error.ToString() + string.Join('\n', parsed.Errors.Select(e => e.Message)));
    }
}

static class RanFailures
{
    /// <summary>A command that failed: its error is the sentence alone.</summary>
    public static async Task<Ran> AsFailure(this Task<Ran> running)
    {
        var ran = await running;
        var line = ran.Error.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("slidebridge: ", line, StringComparison.Ordinal);
        return ran with { Error = line["slidebridge: ".Length..] };
    }
}
