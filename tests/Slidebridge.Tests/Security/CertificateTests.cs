using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Commands;
using Slidebridge.Sdk;
using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Techcyte;
using Slidebridge.Tests.Classifiers.Inference;
using Slidebridge.Tests.Commands;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Security;

/// <summary>A server whose TLS certificate is not accepted: everywhere one sentence says what is wrong with it, and names the host at most.</summary>
public sealed class CertificateTests
{
    const string Untrusted = "its TLS certificate is self-signed, or signed by an authority that this machine does not trust";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, Untrusted + "; if you trust that authority, give a PEM file with its certificate to --tls-ca, or set SSL_CERT_FILE to it.")]
    [InlineData(true, ", and has expired or is not valid yet; if")]
    public async Task A_command_says_what_is_wrong_with_a_bridges_certificate(bool expired, string expected)
    {
        await using var server = await TlsServer.StartAsync(expired: expired);
        var (code, _, error) = await Ran.AsAsync(TasksCommand.Create(), "list", "--url", server.Address.ToString()).AsFailure();
        Assert.Equal(1, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.StartsWith($"The bridge at {server.Address.GetLeftPart(UriPartial.Authority)} cannot be reached: its TLS certificate ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("inner exception", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_trusts_the_authority_that_is_given_to_it_and_no_other()
    {
        await using TlsServer server = await TlsServer.StartAsync(), other = await TlsServer.StartAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("ca.pem"), server.Pem, Token);
        var (code, _, error) = await Ran.AsAsync(TasksCommand.Create(), "list", "--url", server.Address.ToString(), "--tls-ca", folder.File("ca.pem"));
        Assert.True(code == 0, error);
        Assert.Equal(1, (await Ran.AsAsync(TasksCommand.Create(), "list", "--url", other.Address.ToString(), "--tls-ca", folder.File("ca.pem"))).Code);

        await File.WriteAllTextAsync(folder.File("ca.pem"), "no certificate", Token);
        (code, _, error) = await Ran.AsAsync(TasksCommand.Create(), "list", "--url", server.Address.ToString(), "--tls-ca", folder.File("ca.pem")).AsFailure();
        Assert.Equal(2, code);
        Assert.Contains("has no certificate in PEM form", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_that_is_given_does_not_excuse_an_expired_or_a_wrong_certificate()
    {
        await using TlsServer expired = await TlsServer.StartAsync(expired: true), elsewhere = await TlsServer.StartAsync("bridge.example");
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("ca.pem"), expired.Pem + "\n" + elsewhere.Pem, Token);
        foreach (var (server, what) in ((TlsServer, string)[])[(expired, "its TLS certificate has expired or is not valid yet."), (elsewhere, "its TLS certificate is for another host name.")])
            Assert.Contains(what, (await Ran.AsAsync(TasksCommand.Create(), "list", "--url", server.Address.ToString(), "--tls-ca", folder.File("ca.pem")).AsFailure()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_platforms_certificate_is_told_with_what_to_do()
    {
        await using var server = await TlsServer.StartAsync();
        await using var services = new ServiceCollection().AddSingleton(new PlatformOptions(server.Address, "id", "secret", TimeSpan.FromSeconds(5))).AddSingleton(TimeProvider.System).AddPlatformClient().BuildServiceProvider();
        var platform = services.GetRequiredService<PlatformClient>();
        var failure = await Assert.ThrowsAsync<PlatformException>(() => platform.Authorize(null).TokenAsync(Token));
        Assert.Equal($"No token could be fetched from 127.0.0.1: {Untrusted}; if you trust that authority, set SSL_CERT_FILE to a PEM file with its certificate.", failure.Message);
        var check = await platform.CheckTaskAsync("task", "token", Token);
        Assert.Equal((TaskVerdict.Unknown, true), (check.Verdict, check.Why.Contains(Untrusted, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_slides_host_is_told_without_the_URL()
    {
        await using var server = await TlsServer.StartAsync(expired: true);
        var failure = await Assert.ThrowsAsync<SlideSourceException>(() => HttpSource.OpenAsync($"{server.Address}files_uuid/1?X-Amz-Signature=secret", new SlideOptions { Retries = 0 }, Token));
        Assert.Equal($"127.0.0.1:{server.Address.Port} cannot be trusted: {Untrusted}, and has expired or is not valid yet; if you trust that authority, set SSL_CERT_FILE to a PEM file with its certificate.", failure.Message);
    }

    [Fact]
    public async Task A_model_servers_certificate_is_told()
    {
        await using var server = await TlsServer.StartAsync();
        using var folder = new ModelFolder();
        var file = ModelFile.Read(folder.Write("kind: tiles\ninput: { size: 32, mpp: 0.5 }\noutput: { activation: sigmoid }\nlabels: [{ name: dark }]\nreport: { counts: true }\n"), needsModel: false);
        await using var model = new InferenceServerModel(file, ModelAddress.TryParse($"{server.Address}v2/models/dark")!, new LeapingTime());
        var failure = await Assert.ThrowsAsync<ClassifierException>(() => model.LoadAsync(Token));
        Assert.Contains($"The model server at 127.0.0.1:{server.Address.Port} gave no answer: {Untrusted}", failure.Message, StringComparison.Ordinal);
    }
}
