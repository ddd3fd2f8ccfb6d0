using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Slidebridge.Bench;

/// <summary>Serves a folder's files by ranges on loopback, each answer after a wait; in a process of its own, for its memory is not the reader's.</summary>
sealed class RemoteServer : IAsyncDisposable
{
    /// <summary>The command that is the server.</summary>
    public const string Command = "serve-slides";

    readonly Process process;
    readonly string address;

    RemoteServer(Process process, string address) => (this.process, this.address) = (process, address);

    public static async Task<RemoteServer> StartAsync(string folder, int latency, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(RemoteServer).Assembly.Location, Command, folder, $"{latency}"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        return new RemoteServer(process, await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The server of slides did not start."));
    }

    /// <summary>Is the server: says its address, and ends with its input.</summary>
    public static async Task<int> RunAsync(string folder, int latency, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var application = builder.Build();
        application.MapGet("/{name}", async (string name) =>
        {
            await Task.Delay(latency);
            return TypedResults.PhysicalFile(Path.Combine(folder, Path.GetFileName(name)), "binary/octet-stream", enableRangeProcessing: true);
        });
        await application.StartAsync(cancellationToken);
        Console.WriteLine(application.Urls.First());
        await Console.In.ReadLineAsync(cancellationToken);
        return 0;
    }

    public string UrlOf(string path) => $"{address}/{Path.GetFileName(path)}";

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
