using Slidebridge.EndToEnd.Support;
using Slidebridge.Hosting;
using Slidebridge.Units;
using YamlDotNet.RepresentationModel;

namespace Slidebridge.EndToEnd.Deploy;

/// <summary><c>deploy/compose.yaml</c> as Docker Compose reads it, and the load balancer's file as HAProxy reads it. No engine is needed for that.</summary>
public sealed class ComposeFileTests
{
    /// <summary>The services after merging, checked against the schema: a key that there is not, or of the wrong kind, is an error.</summary>
    internal static async Task<Dictionary<string, YamlMappingNode>> ServicesAsync()
    {
        var merged = await DeployFiles.RunAsync("docker-compose", "docker-compose", "--file", Path.Combine(DeployFiles.Folder, "compose.yaml"), "config");
        var yaml = new YamlStream();
        yaml.Load(new StringReader(merged));
        return ((YamlMappingNode)yaml.Documents[0].RootNode["services"]).ToDictionary(s => s.Key.ToString(), s => (YamlMappingNode)s.Value);
    }

    static IEnumerable<string> Texts(YamlMappingNode service, string key) => service.Children.TryGetValue(key, out var list) ? ((YamlSequenceNode)list).Select(item => item.ToString()) : [];

    [Fact]
    public async Task There_are_two_web_nodes_three_workers_a_database_and_a_load_balancer()
    {
        var services = await ServicesAsync();
        var roles = services.Values.Select(s => Texts(s, "command").ToList()).Where(c => c.Contains("--role")).Select(c => c[c.IndexOf("--role") + 1]);
        Assert.Equal(["web", "web", "worker", "worker", "worker"], roles.Order());
        Assert.Contains("healthcheck", services["postgres"].Children.Keys.Select(k => k.ToString()));
        Assert.Contains("balancer", services.Keys);
    }

    [Fact]
    public async Task Each_node_may_drain_and_can_write_nowhere_but_into_its_volumes()
    {
        var nodes = (await ServicesAsync()).Values.Where(s => Texts(s, "command").Contains("serve")).ToList();
        Assert.NotEmpty(nodes);
        foreach (var node in nodes)
        {
            Assert.True(Duration.Parse(node["stop_grace_period"].ToString()) > DeployFiles.Drain(Texts(node, "command")));
            Assert.Equal("true", node["read_only"].ToString());
            Assert.Equal(["ALL"], Texts(node, "cap_drop"));
            Assert.Contains(Texts(node, "volumes"), volume => volume.StartsWith("/data", StringComparison.Ordinal));
            Assert.Contains(Texts(node, "volumes"), volume => volume.StartsWith("/tmp", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task No_secret_is_an_argument_or_a_variable_of_a_container()
    {
        var secrets = ServeSettings.All.Where(s => s.IsSecret).SelectMany(s => (string[])[s.Flag, s.Variable]).ToList();
        foreach (var service in (await ServicesAsync()).Values) Assert.DoesNotContain(secrets, service.ToString().Contains);
    }

    [Fact]
    public async Task The_load_balancers_file_is_valid_and_names_every_web_node()
    {
        var file = Path.Combine(DeployFiles.Folder, "haproxy.cfg");
        await DeployFiles.RunAsync("haproxy", "haproxy", "-c", "-f", file);
        var web = (await ServicesAsync()).Where(s => Texts(s.Value, "command").Contains("web")).Select(s => s.Key);
        foreach (var node in web) Assert.Contains($"server {node} {node}:3000", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_images_libraries_are_packages_of_the_Debian_that_the_tests_run_on()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Files.Root, "Dockerfile"), TestContext.Current.CancellationToken);
        var install = text[text.IndexOf("--no-install-recommends", StringComparison.Ordinal)..].Split('\n')[0].TrimEnd('\\', ' ');
        foreach (var library in install.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(p => p.StartsWith("lib", StringComparison.Ordinal)))
            await DeployFiles.RunAsync("dpkg-query", "dpkg", "-W", library);
    }

    [Fact]
    public async Task What_the_Dockerfile_copies_reaches_the_builder()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Files.Root, "Dockerfile"), TestContext.Current.CancellationToken);
        var sent = (await File.ReadAllLinesAsync(Path.Combine(Files.Root, ".dockerignore"), TestContext.Current.CancellationToken)).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToHashSet();
        var copied = text.Split('\n').Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1]).ToList();
        Assert.NotEmpty(copied);
        Assert.DoesNotContain(copied, name => !sent.Contains(name));
    }

    [Fact]
    public async Task The_load_balancer_publishes_the_webhook_alone_to_other_machines()
    {
        var file = await File.ReadAllTextAsync(Path.Combine(DeployFiles.Folder, "haproxy.cfg"), TestContext.Current.CancellationToken);
        var frontend = file[file.IndexOf("frontend webhook", StringComparison.Ordinal)..file.IndexOf("frontend operators", StringComparison.Ordinal)];
        Assert.Contains("deny_status 404 unless { path -i /webhook } || { path_beg /webhook/ }", frontend, StringComparison.Ordinal);
        var ports = (YamlSequenceNode)(await ServicesAsync())["balancer"]["ports"];
        var published = ports.Select(p => (Host: p is YamlMappingNode map && map.Children.TryGetValue("host_ip", out var ip) ? ip.ToString() : p.ToString().StartsWith("127.0.0.1:", StringComparison.Ordinal) ? "127.0.0.1" : "", Port: p is YamlMappingNode m ? m["target"].ToString() : p.ToString().Split(':')[^1])).ToList();
        Assert.Equal([("", "8080"), ("127.0.0.1", "8081")], published.Select(p => (p.Host, p.Port.Split('/')[0])));
    }
}
