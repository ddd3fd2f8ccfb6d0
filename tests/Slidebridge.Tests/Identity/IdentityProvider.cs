using System.Diagnostics;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Identity;

/// <summary>The OpenID Connect provider of the tests, in a process of its own.</summary>
public sealed class IdentityProvider : IAsyncLifetime
{
    public const string Client = "slidebridge", Secret = "secret-of-the-test-client";

    Process process = null!;

    public Uri Address { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var build = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;
        var program = Path.Combine(Repository.Root, "tests", "Slidebridge.IdentityProvider", "bin", build, "net10.0", "Slidebridge.IdentityProvider.dll");
        process = Process.Start(new ProcessStartInfo("dotnet", [program]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Address = new Uri((await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!);
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
