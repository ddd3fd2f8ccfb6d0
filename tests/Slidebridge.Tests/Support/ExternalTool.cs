using System.Diagnostics;

namespace Slidebridge.Tests.Support;

/// <summary>A program of the machine that makes or checks test files. A test that needs one that is missing is skipped, and says which package has it.</summary>
static class ExternalTool
{
    /// <summary>Runs a program to its end; it must succeed.</summary>
    public static string Run(string program, string package, params string[] arguments)
    {
        var (code, said) = Try(program, package, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {said}");
        return said;
    }

    /// <summary>Runs a program to its end and returns its code and what it said on both outputs.</summary>
    public static (int Code, string Said) Try(string program, string package, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd() + errors.Result;
            process.WaitForExit();
            return (process.ExitCode, said);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed (Debian: {package}).");
            throw;
        }
    }
}
