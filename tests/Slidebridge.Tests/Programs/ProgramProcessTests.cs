using System.Diagnostics;
using System.Globalization;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Classifiers.Programs.Isolation;

namespace Slidebridge.Tests.Programs;

/// <summary>Which processes are a program's.</summary>
public sealed class ProgramProcessTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_has_the_id_of_a_program_that_has_ended_is_left_alone()
    {
        using var host = new ProgramHost(new ProgramOptions { Sandbox = SandboxMode.Off });
        var program = ProgramProcess.Start(host, ProgramCommand.Of("echo $$ >&2; true"), memory: null);
        Assert.Equal(0, await program.EndedAsync(TimeSpan.FromSeconds(30)));
        await program.DisposeAsync();
        using var other = OfId(int.Parse(program.LastWords.LastLine, CultureInfo.InvariantCulture));
        program.Kill("wrote messages between tasks");
        await other.StandardInput.WriteLineAsync("still here".AsMemory(), Token);
        Assert.Equal("still here", await other.StandardOutput.ReadLineAsync(Token));
        other.Kill();
    }

    /// <summary>A process that leads the group of this id. Only an administrator may choose one.</summary>
    static Process OfId(int id)
    {
        for (var tries = 0; tries < 1000; tries++)
        {
            try
            {
                File.WriteAllText("/proc/sys/kernel/ns_last_pid", $"{id - 1}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Assert.Skip($"Ids of processes cannot be chosen here: {e.Message}");
            }
            var process = Process.Start(new ProcessStartInfo("setsid", ["cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            if (process.Id == id) return process;
            process.Kill();
            process.Dispose();
        }
        throw new InvalidOperationException($"{id} was never free.");
    }
}
