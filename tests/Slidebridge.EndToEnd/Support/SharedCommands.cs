using System.Diagnostics;
using System.Text.Json;

[assembly: AssemblyFixture(typeof(Slidebridge.EndToEnd.Support.SharedCommands))]

namespace Slidebridge.EndToEnd.Support;

/// <summary>Runs commands that need no process of their own, one after the other in a process that all tests share: <c>CommandHost</c> of the held bridge.</summary>
public sealed class SharedCommands : IAsyncDisposable
{
    static readonly SemaphoreSlim One = new(1);
    static Process? host;

    /// <param name="directory">Where the command runs; null: anywhere.</param>
    /// <param name="arguments">The command's arguments. It must not go on for ever, and starts no classifier.</param>
    public static async Task<(int Code, string Out, string Error)> RunAsync(string? directory, params string[] arguments)
    {
        await One.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            host ??= ServeProcess.LaunchCommands();
            await host.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { Directory = directory, Arguments = arguments }));
            await host.StandardInput.FlushAsync();
            var line = await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            var ended = JsonSerializer.Deserialize<JsonElement>(line ?? throw new InvalidOperationException("The process of the commands has ended: " + await host.StandardError.ReadToEndAsync()));
            return (ended.GetProperty("Code").GetInt32(), ended.GetProperty("Out").GetString()!, ended.GetProperty("Error").GetString()!);
        }
        catch
        {
            // The next command gets a process that has answered everything.
            await EndAsync();
            throw;
        }
        finally
        {
            One.Release();
        }
    }

    static async Task EndAsync()
    {
        if (host is not { } ending) return;
        host = null;
        ending.Kill();
        await ending.WaitForExitAsync();
        ending.Dispose();
    }

    public async ValueTask DisposeAsync() => await EndAsync();
}
