using System.Diagnostics;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Programs;

/// <summary>The package's own tests, which are Python's: <c>python/tests</c>.</summary>
public sealed class PythonPackageTests
{
    [Fact]
    public async Task The_Python_package_passes_its_tests()
    {
        var start = new ProcessStartInfo(Python.BestInterpreter, ["-B", "-m", "unittest", "discover", "-t", ".", "-s", "tests"])
        {
            WorkingDirectory = Path.Combine(Repository.Root, "python"),
            RedirectStandardError = true,
        };
        using var tests = Process.Start(start)!;
        try
        {
            var told = await tests.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await tests.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(tests.ExitCode == 0, told);
        }
        finally
        {
            if (!tests.HasExited) tests.Kill(entireProcessTree: true);
        }
    }
}
