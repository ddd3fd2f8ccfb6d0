using System.Diagnostics;

namespace Slidebridge.Tests.Support;

/// <summary>A program of the machine that makes test files. A test that needs one that is missing is skipped, and says which package has it.</summary>
static class ExternalTool
{
    /// <summary>Runs a program to its end; it must succeed.</summary>
    public static void Run(string program, string package, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.Result}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed (Debian: {package}).");
        }
    }
}
