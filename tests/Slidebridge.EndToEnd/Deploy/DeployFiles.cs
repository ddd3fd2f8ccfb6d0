using System.Diagnostics;
using System.Text.RegularExpressions;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Units;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary>The files of <c>deploy/</c>, and the programs of the machine that check them.</summary>
static partial class DeployFiles
{
    public static string Folder { get; } = Path.Combine(Files.Root, "deploy");

    /// <summary>Every file in which the bridge is started or set up.</summary>
    public static IEnumerable<string> All =>
        Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Append(Path.Combine(Files.Root, "Dockerfile")).Append(Path.Combine(Files.Root, "src", "Slidebridge", "Slidebridge.csproj"));

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    /// <summary>The time that <c>--drain</c> is given in the arguments of a container.</summary>
    public static TimeSpan Drain(IEnumerable<string> arguments)
    {
        var given = arguments.ToList();
        var flag = given.IndexOf("--drain");
        Assert.True(flag >= 0, "The container has no --drain.");
        return Duration.Parse(given[flag + 1]) ?? throw new FormatException(given[flag + 1]);
    }

    /// <summary>Runs a program to its end and returns what it said; it must succeed. Where it is missing, the test is skipped by its name.</summary>
    public static async Task<string> RunAsync(string program, string package, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {said}{await errors}");
            return said;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed (Debian: {package}).");
            throw;
        }
    }

    /// <summary>The arguments of each place in a file that starts the bridge: <c>[serve, --role, web]</c>.</summary>
    [GeneratedRegex(@"\[""?serve""?,([^\]]*)\]")]
    public static partial Regex Starts();

    [GeneratedRegex("SLIDEBRIDGE_[A-Z_]+")]
    public static partial Regex Variables();
}
