using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Hosting;
using YamlDotNet.RepresentationModel;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary>No password and no result crosses a network to PostgreSQL without TLS, and no node talks to another server than its own: in the files, and with a real server.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class DatabaseTlsTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_connects_by_the_authority_of_compose_and_by_nothing_less()
    {
        using var folder = Files.Temporary(); // The server's user may enter it, but not the repository's folder.
        await using var server = await PostgresServer.StartAsync();
        await server.ProgramAsync("psql", "-c", "ALTER ROLE postgres PASSWORD 'a-word'");
        await server.StopAsync();
        File.SetUnixFileMode(folder.Path, EverybodyEnters);
        var (own, other) = (await CertificatesAsync(folder.Path, "own"), await CertificatesAsync(folder.Path, "other"));
        var hba = Path.Combine(folder.Path, "pg_hba.conf");
        await File.WriteAllTextAsync(hba, DeployFiles.Read("postgres/pg_hba.conf"), Token);
        File.SetUnixFileMode(hba, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        server.Options = $"-c ssl=on -c ssl_cert_file={own.Server}/server.crt -c ssl_key_file={own.Server}/server.key -c ssl_min_protocol_version=TLSv1.2 -c hba_file={hba}";
        await server.GoAsync();

        Assert.Equal("t", await AnswerAsync($"Host=localhost;SSL Mode=VerifyFull;Root Certificate={own.Authority}/ca.pem"));
        await RefusedAsync($"Host=localhost;SSL Mode=VerifyFull;Root Certificate={other.Authority}/ca.pem", "certificate");
        await RefusedAsync("Host=localhost;SSL Mode=VerifyFull", "certificate");
        // Another name than the certificate's.
        await RefusedAsync($"Host=127.0.0.1;SSL Mode=VerifyFull;Root Certificate={own.Authority}/ca.pem", "certificate");
        await RefusedAsync("Host=localhost;SSL Mode=Disable", "no encryption");

        async Task<string> AnswerAsync(string connection)
        {
            // As the bridge reads it.
            var database = ServeSettings.Database.Parse($"{connection};Port={server.Port};Database=postgres;Username=postgres;Password=a-word;Pooling=false")!;
            await using var opened = new NpgsqlConnection(database.Postgres);
            await opened.OpenAsync(Token);
            await using var command = new NpgsqlCommand("SELECT CASE WHEN ssl THEN 't' ELSE 'f' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()", opened);
            return (string)(await command.ExecuteScalarAsync(Token))!;
        }

        async Task RefusedAsync(string connection, string why)
        {
            var refused = await Assert.ThrowsAnyAsync<NpgsqlException>(() => AnswerAsync(connection));
            Assert.Contains(why, refused.ToString(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task The_certificate_is_made_once_for_the_name_of_the_service_and_only_the_server_reads_its_key()
    {
        using var folder = Files.Temporary();
        var (server, authority) = (Path.Combine(folder.Path, "server"), Path.Combine(folder.Path, "authority"));
        Assert.Contains("Made", await MakeAsync(server, authority), StringComparison.Ordinal);
        var key = await File.ReadAllTextAsync(Path.Combine(server, "server.key"), Token);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server, "server.key")));
        Assert.Equal(["ca.pem"], Directory.EnumerateFiles(authority).Select(f => Path.GetFileName(f)));
        Assert.Equal(["server.crt", "server.key"], Directory.EnumerateFiles(server).Select(f => Path.GetFileName(f)).Order());
        var verified = await DeployFiles.RunAsync("openssl", "openssl", "verify", "-CAfile", Path.Combine(authority, "ca.pem"), "-verify_hostname", "postgres", "-purpose", "sslserver", Path.Combine(server, "server.crt"));
        Assert.EndsWith("OK\n", verified, StringComparison.Ordinal);

        // A second `docker compose up` changes nothing.
        Assert.Contains("already", await MakeAsync(server, authority), StringComparison.Ordinal);
        Assert.Equal(key, await File.ReadAllTextAsync(Path.Combine(server, "server.key"), Token));
    }

    [Fact]
    public async Task Compose_starts_the_server_with_the_certificate_and_gives_the_nodes_its_authority_only()
    {
        var services = await ComposeFileTests.ServicesAsync();
        var command = Texts(services["postgres"], "command");
        foreach (var option in (string[])["-cssl=on", "-cssl_cert_file=/certificates/server.crt", "-cssl_key_file=/certificates/server.key", "-cssl_min_protocol_version=TLSv1.2", "-chba_file=/etc/slidebridge/pg_hba.conf"]) Assert.Contains(option, command);
        Assert.Equal("service_completed_successfully", services["postgres"]["depends_on"]["certificates"]["condition"].ToString());
        Assert.Equal(["/make-certificates.sh", "/certificates", "/authority", "postgres"], Texts(services["certificates"], "entrypoint"));
        Assert.Equal("none", services["certificates"]["network_mode"].ToString());
        Assert.Equal(["ALL"], Texts(services["certificates"], "cap_drop"));
        Assert.Contains("certificates:/certificates:ro", Texts(services["postgres"], "volumes"));

        var nodes = services.Values.Where(s => Texts(s, "command").Contains("serve")).ToList();
        Assert.Equal(5, nodes.Count);
        Assert.All(nodes, node => Assert.Contains("authority:/run/database:ro", Texts(node, "volumes")));
        Assert.All(nodes, node => Assert.DoesNotContain(Texts(node, "volumes"), volume => volume.Contains("certificates", StringComparison.Ordinal)));
        using var settings = JsonDocument.Parse(DeployFiles.Read("secrets/slidebridge.example.json"));
        var database = new NpgsqlConnectionStringBuilder(settings.RootElement.GetProperty("database").GetString());
        Assert.Equal(("postgres", SslMode.VerifyFull, "/run/database/ca.pem"), (database.Host, database.SslMode, database.RootCertificate));

        // No line lets anybody in by TCP without TLS, and none without a password.
        var lines = DeployFiles.Read("postgres/pg_hba.conf").Split('\n').Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal(["local", "hostssl"], lines.Select(words => words[0]));
        Assert.All(lines, words => Assert.Equal("scram-sha-256", words[^1]));
    }

    [Fact]
    public void Every_connection_to_PostgreSQL_in_files_and_pages_verifies_the_server()
    {
        var files = ((string[])["deploy", "docs", "examples", ".devcontainer"]).SelectMany(name => Directory.EnumerateFiles(Path.Combine(Files.Root, name), "*", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj") && Path.GetExtension(file) is not (".png" or ".svg"))
            .Concat(((string[])["README.md", "Dockerfile", "SECURITY.md", "CONTRIBUTING.md", "demo.sh", "test.sh"]).Select(name => Path.Combine(Files.Root, name)));
        var found = 0;
        foreach (var file in files)
            foreach (var (line, number) in File.ReadLines(file).Select((line, i) => (line, i + 1)))
            {
                var isSafe = line.Contains("SSL Mode=VerifyFull", StringComparison.Ordinal) || line.Contains("verify-full", StringComparison.Ordinal);
                if (!Connections().IsMatch(line)) continue;
                found++;
                Assert.True(isSafe, $"{Path.GetRelativePath(Files.Root, file)}({number}): {line}");
            }
        Assert.InRange(found, 5, int.MaxValue);
    }

    static IEnumerable<string> Texts(YamlMappingNode service, string key) => service.Children.TryGetValue(key, out var list) ? ((YamlSequenceNode)list).Select(item => item.ToString()) : [];

    const UnixFileMode EverybodyEnters = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    static async Task<(string Server, string Authority)> CertificatesAsync(string folder, string name)
    {
        var (files, authority) = (Path.Combine(folder, name), Path.Combine(folder, name + "-authority"));
        await MakeAsync(files, authority, "postgres", "localhost");
        return (files, authority);
    }

    static Task<string> MakeAsync(string server, string authority, params string[] names) =>
        DeployFiles.RunAsync("sh", "dash", [Path.Combine(DeployFiles.Folder, "postgres", "make-certificates.sh"), server, authority, .. names]);

    [GeneratedRegex("Host=[^;']+;|sslmode:|sslmode=|postgres(ql)?://")]
    private static partial Regex Connections();
}
