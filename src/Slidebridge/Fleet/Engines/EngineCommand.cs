using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Slidebridge.Classifiers.Programs.Isolation;

namespace Slidebridge.Fleet.Engines;

/// <summary>
/// Runs a scheduler's command line. It does not see the bridge's own variables: they contain the platform's key. It is killed, with its children, when it takes too long or prints too much.
/// </summary>
static class EngineCommand
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Maximum characters of its output: some thousands of jobs.</summary>
    const int LongestOutput = 4 << 20, LongestError = 4 << 10;

    /// <param name="words">The program and its arguments.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="environment">Variables in addition to the bridge's own.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="keeps">Which variables of the bridge's environment it sees; null: all that are not the bridge's own.</param>
    /// <returns>Its exit code and what it printed.</returns>
    /// <exception cref="FleetEngineException">It cannot be started, or did not end in time.</exception>
    public static async Task<EngineOutput> RunAsync(IReadOnlyList<string> words, string? input, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken, Predicate<string>? keeps = null)
    {
        var name = string.Join(' ', words.Take(3));
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardInputEncoding = new UTF8Encoding(false) };
        HideSettings(start, keeps);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        using var process = Start(start, name);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(Limit);
        try
        {
            var (output, error) = (ReadAsync(process.StandardOutput, LongestOutput, over.Token), ReadAsync(process.StandardError, LongestError, over.Token));
            await WriteAsync(process.StandardInput, input, over.Token);
            await Task.WhenAll(output, error);
            await process.WaitForExitAsync(over.Token);
            if ((await output).IsCut) throw new FleetEngineException($"{name} printed more than {LongestOutput} characters");
            return new EngineOutput(process.ExitCode, (await output).Text, (await error).Text.Trim());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FleetEngineException($"{name} did not end within {Limit.TotalSeconds:0} s");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Removes the bridge's own variables, which contain the platform's key, and those that are not kept.</summary>
    public static void HideSettings(ProcessStartInfo start, Predicate<string>? keeps = null)
    {
        foreach (var hidden in start.Environment.Keys.Where(key => ProgramEnvironment.IsOfTheBridge(key) || keeps?.Invoke(key) == false).ToList()) start.Environment.Remove(hidden);
    }

    static Process Start(ProcessStartInfo start, string name)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new FleetEngineException($"{name} cannot be started: {e.Message}", e);
        }
    }

    static async Task WriteAsync(StreamWriter to, string? input, CancellationToken cancellationToken)
    {
        try
        {
            if (input is not null) await to.WriteAsync(input.AsMemory(), cancellationToken);
            to.Close();
        }
        catch (IOException)
        {
            // It has ended without reading its input; its exit code tells.
        }
    }

    /// <summary>Reads to the end, and keeps the beginning.</summary>
    static async Task<(string Text, bool IsCut)> ReadAsync(StreamReader from, int most, CancellationToken cancellationToken)
    {
        var (text, buffer, isCut) = (new StringBuilder(), new char[8192], false);
        for (int count; (count = await from.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            isCut |= count > most - text.Length;
            text.Append(buffer, 0, Math.Min(count, most - text.Length));
        }
        return (text.ToString(), isCut);
    }
}

/// <param name="ExitCode">Its exit code.</param>
/// <param name="Text">What it printed.</param>
/// <param name="Error">What it printed as errors, at most its beginning.</param>
readonly record struct EngineOutput(int ExitCode, string Text, string Error)
{
    /// <summary>What it says of its failure, in one line.</summary>
    public string Complaint => Error.Length > 0 ? Error.ReplaceLineEndings(" ") : $"exit code {ExitCode}";
}
