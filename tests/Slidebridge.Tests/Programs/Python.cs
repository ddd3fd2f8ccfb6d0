using System.Diagnostics;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Programs;

/// <summary>The Python that programs of the tests run in.</summary>
static class Python
{
    static readonly Lazy<string?> Plain = new(() => Find("import sys; assert sys.version_info >= (3, 9)")), WithNumpy = new(() => Find("import numpy"));

    /// <summary>Skips the test where there is none.</summary>
    public static string Interpreter => Plain.Value ?? throw Xunit.Sdk.SkipException.ForSkip("python3 is missing");

    /// <summary>One that has numpy; skips the test where there is none.</summary>
    public static string WithNumpyInterpreter => WithNumpy.Value ?? throw Xunit.Sdk.SkipException.ForSkip("numpy (python3-numpy) is missing");

    /// <summary>One that has numpy if there is one; skips the test where there is none at all.</summary>
    public static string BestInterpreter => WithNumpy.Value ?? Interpreter;

    /// <summary>One that has a module; skips the test where there is none.</summary>
    public static string InterpreterWith(string module) => Find("import " + module) ?? throw Xunit.Sdk.SkipException.ForSkip($"{module} (python3-{module}) is missing");

    /// <summary>A program of this folder.</summary>
    public static string File(string name) => Path.Combine(Repository.Root, "tests", "Slidebridge.Tests", "Programs", name);

    /// <summary>Runs a script, with a text on its input, where a module is there; skips the test where it is missing.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunWithAsync(string module, string script, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(InterpreterWith(module), ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }

    static string? Find(string check)
    {
        foreach (var python in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", check]) { RedirectStandardError = true })!;
                process.WaitForExit();
                if (process.ExitCode == 0) return python;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not this one.
            }
        }
        return null;
    }
}
