using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary>A container registry on loopback that has one image to give (the distribution specification's pull, and no more).</summary>
sealed class LocalRegistry : IAsyncDisposable
{
    const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";

    readonly WebApplication app;

    LocalRegistry(WebApplication app) => this.app = app;

    /// <summary>Host and port, as they stand before an image's name.</summary>
    public string Authority => new Uri(app.Urls.Single()).Authority;

    /// <summary>Serves an image under every name.</summary>
    /// <param name="manifest">The image's manifest.</param>
    /// <param name="blobs">Its config and its layers, as files.</param>
    public static async Task<LocalRegistry> StartAsync(byte[] manifest, IEnumerable<string> blobs, CancellationToken cancellationToken)
    {
        var byDigest = blobs.ToDictionary(Digest);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapMethods("/v2/", Reading, () => Results.Ok());
        app.MapMethods("/v2/{a}/{b}/manifests/{reference}", Reading, (HttpResponse response) =>
        {
            response.Headers["Docker-Content-Digest"] = Digest(manifest);
            return Results.Bytes(manifest, ManifestType);
        });
        app.MapMethods("/v2/{a}/{b}/blobs/{digest}", Reading, (string digest) =>
            byDigest.TryGetValue(digest, out var file) ? Results.File(file, "application/octet-stream") : Results.NotFound());
        await app.StartAsync(cancellationToken);
        return new LocalRegistry(app);
    }

    static readonly string[] Reading = ["GET", "HEAD"];

    public static string Digest(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string Digest(string file)
    {
        using var stream = File.OpenRead(file);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
