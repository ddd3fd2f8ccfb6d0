using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Slidebridge.Fleet.Engines;
using Slidebridge.Hosting;
using Slidebridge.Tests.Support;
using Slidebridge.Units;
using YamlDotNet.RepresentationModel;

namespace Slidebridge.Tests.Deploy;

/// <summary><c>deploy/aws/slidebridge.yaml</c> and its page: what is referred to exists, nobody may do more than needed, no secret is readable, and the database is kept.</summary>
public sealed partial class AwsTemplateTests
{
    static readonly CloudTemplate Template = new("deploy/aws/slidebridge.yaml");

    static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "deploy", "aws.md"));

    /// <summary>The attributes that the template may ask of each type.</summary>
    static readonly Dictionary<string, string[]> Attributes = new()
    {
        ["AWS::EC2::LaunchTemplate"] = ["LatestVersionNumber"],
        ["AWS::ElasticLoadBalancingV2::LoadBalancer"] = ["DNSName"],
        ["AWS::IAM::InstanceProfile"] = ["Arn"],
        ["AWS::IAM::Role"] = ["Arn"],
        ["AWS::Logs::LogGroup"] = ["Arn"],
        ["AWS::RDS::DBInstance"] = ["Endpoint.Address"],
        ["AWS::SQS::Queue"] = ["Arn"],
    };

    /// <summary>Actions for which AWS knows no resource (Service Authorization Reference): the login to a registry is the account's, and lists of jobs belong to no job.</summary>
    static readonly string[] WithoutResource = ["ecr:GetAuthorizationToken", "batch:ListJobs", "batch:DescribeJobs"];

    static IEnumerable<YamlMappingNode> Containers => ((YamlSequenceNode)Template["BridgeTask"].Properties["ContainerDefinitions"]).Cast<YamlMappingNode>();

    static YamlMappingNode Bridge => Containers.Single(c => CloudTemplate.Text(c, "Name") == "bridge");

    static YamlMappingNode Worker => (YamlMappingNode)Template["WorkerDefinition"].Properties["ContainerProperties"];

    static IEnumerable<YamlMappingNode> Statements => Template.Members("Statement").SelectMany(s => (YamlSequenceNode)s.Value).Cast<YamlMappingNode>();

    [Fact]
    public void What_is_referred_to_exists()
    {
        Assert.Equal(["!GetAZs", "!GetAtt", "!Ref", "!Select", "!Sub"], Template.Tags().Order(StringComparer.Ordinal));
        var references = Template.References().Distinct().ToList();
        Assert.InRange(references.Count, 50, int.MaxValue);
        foreach (var (name, attribute) in references)
        {
            if (attribute is null && Template.Parameters.ContainsKey(name)) continue;
            var resource = Assert.Single(Template.Resources, r => r.Name == name);
            if (attribute is not null) Assert.Contains(attribute, Attributes.GetValueOrDefault(resource.Type) ?? []);
        }
        Assert.Empty(Template.Parameters.Keys.Except(references.Select(r => r.Name)));
        Assert.Empty(Template.Parameters.Keys.Intersect(Template.Resources.Select(r => r.Name)));
    }

    [Fact]
    public void The_resources_can_be_made_in_some_order()
    {
        var waiting = Template.Resources.ToDictionary(r => r.Name, r => CloudTemplate.References(r.Node).Select(n => n.Name).Where(n => !Template.Parameters.ContainsKey(n)).ToHashSet());
        while (waiting.Where(r => !r.Value.Overlaps(waiting.Keys)).Select(r => r.Key).ToList() is { Count: > 0 } made)
            foreach (var name in made) waiting.Remove(name);
        Assert.Empty(waiting);
    }

    [Fact]
    public void No_policy_allows_more_than_named_actions_on_named_resources()
    {
        Assert.NotEmpty(Statements);
        foreach (var statement in Statements)
        {
            var actions = CloudTemplate.Texts(statement["Action"]);
            Assert.Equal("Allow", CloudTemplate.Text(statement, "Effect"));
            Assert.DoesNotContain(actions, action => action.Contains('*', StringComparison.Ordinal));
            Assert.DoesNotContain(statement.Children.Keys, key => key.ToString() is "NotAction" or "NotResource" or "NotPrincipal");
            if (statement.Children.TryGetValue("Principal", out var principal)) Assert.EndsWith(".amazonaws.com", CloudTemplate.Text((YamlMappingNode)principal, "Service"), StringComparison.Ordinal);
            else if (CloudTemplate.All(statement["Resource"]).OfType<YamlScalarNode>().Any(r => r.Value == "*")) Assert.All(actions, action => Assert.Contains(action, WithoutResource));
            else Assert.DoesNotContain(actions, WithoutResource.Contains);
        }
        // AWS requires it of ECS's machines.
        Assert.Equal("arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role", CloudTemplate.Texts(Assert.Single(Template.Members("ManagedPolicyArns")).Value).Single());
    }

    [Fact]
    public void The_bridge_may_do_what_its_engine_and_its_events_need_and_stop_only_the_fleets_jobs()
    {
        var statements = CloudTemplate.Members(Template["BridgeRole"].Properties["Policies"], "Action").ToList();
        Assert.Equal(["batch:CancelJob", "batch:DescribeJobs", "batch:ListJobs", "batch:SubmitJob", "batch:TagResource", "batch:TerminateJob", "sqs:GetQueueAttributes", "sqs:SendMessage"],
            statements.SelectMany(s => CloudTemplate.Texts(s.Value)).Order(StringComparer.Ordinal));
        var conditions = statements.Where(s => s.In.Children.ContainsKey("Condition")).ToDictionary(s => CloudTemplate.Texts(s.Value)[0], s => ((YamlMappingNode)s.In["Condition"]["StringEquals"]).Single());
        Assert.Equal([("batch:CancelJob", $"aws:ResourceTag/{BatchEngine.Tag}", "gpu"), ("batch:TagResource", $"aws:RequestTag/{BatchEngine.Tag}", "gpu")],
            conditions.Select(c => (c.Key, c.Value.Key.ToString(), c.Value.Value.ToString())).Order());
        Assert.DoesNotContain("JobRoleArn", Worker.Children.Keys.Select(k => k.ToString()));
    }

    [Fact]
    public void No_secret_is_readable_in_the_template_or_in_a_containers_variables()
    {
        var hidden = Template.Parameters.Where(p => CloudTemplate.Text(p.Value, "NoEcho") == "true").ToList();
        Assert.Equal(["ApiKeyId", "ApiKeySecret"], hidden.Select(p => p.Key).Order());
        Assert.All(hidden, p => Assert.Null(CloudTemplate.Text(p.Value, "Default")));
        // They occur in secrets only, and a secret has nothing else that was chosen here.
        Assert.All(Template.Resources.Where(r => CloudTemplate.References(r.Node).Any(n => hidden.Any(h => h.Key == n.Name))), r => Assert.Equal("AWS::SecretsManager::Secret", r.Type));
        foreach (var secret in Template.Of("AWS::SecretsManager::Secret"))
        {
            if (CloudTemplate.Text(secret.Properties, "SecretString") is { } given) Assert.Equal("{\"id\":\"${ApiKeyId}\",\"secret\":\"${ApiKeySecret}\"}", given);
            else Assert.InRange(int.Parse(CloudTemplate.Text((YamlMappingNode)secret.Properties["GenerateSecretString"], "PasswordLength")!, null), 32, 64);
        }
        Assert.Equal("{{resolve:secretsmanager:${DatabasePassword}:SecretString:password}}", CloudTemplate.Text(Template["Database"].Properties, "MasterUserPassword"));

        var secrets = ServeSettings.All.Concat(WorkSettings.Own).Where(s => s.IsSecret && s != ServeSettings.Database).ToList();
        foreach (var container in Containers.Append(Worker))
        {
            Assert.DoesNotContain(Names(container, "Environment"), name => secrets.Any(s => s.Variable == name) || name.Contains("PASSWORD", StringComparison.Ordinal));
            Assert.DoesNotContain(CloudTemplate.Texts(container["Command"]), word => secrets.Any(s => s.Flag == word));
            foreach (var (_, from) in CloudTemplate.Members(container["Secrets"], "ValueFrom"))
                Assert.All(CloudTemplate.References(from), r => Assert.True(r.Name == "DatabaseAuthority" || Template[r.Name].Type == "AWS::SecretsManager::Secret"));
        }
        Assert.Equal(["PGPASSWORD", "SLIDEBRIDGE_API_KEY_ID", "SLIDEBRIDGE_API_KEY_SECRET", "SLIDEBRIDGE_API_TOKEN", "SLIDEBRIDGE_WEBHOOK_KEY"], Names(Bridge, "Secrets").Order(StringComparer.Ordinal));
        Assert.Equal(["SLIDEBRIDGE_TOKEN"], Names(Worker, "Secrets"));
        Assert.DoesNotContain("Password", Variable(Bridge, "SLIDEBRIDGE_DATABASE"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void What_is_stored_and_sent_is_encrypted()
    {
        Assert.Equal("true", CloudTemplate.Text(Template["Database"].Properties, "StorageEncrypted"));
        Assert.Equal("1", CloudTemplate.Text((YamlMappingNode)Template["DatabaseSettings"].Properties["Parameters"], "rds.force_ssl"));
        Assert.Contains("SSL Mode=VerifyFull;Root Certificate=/data/rds.pem", Variable(Bridge, "SLIDEBRIDGE_DATABASE"), StringComparison.Ordinal);
        Assert.All(Template.Of("AWS::SQS::Queue"), queue => Assert.Equal("true", CloudTemplate.Text(queue.Properties, "SqsManagedSseEnabled")));
        Assert.All(Template.Members("Ebs"), disk => Assert.Equal("true", CloudTemplate.Text((YamlMappingNode)disk.Value, "Encrypted")));
        var listener = Assert.Single(Template.Of("AWS::ElasticLoadBalancingV2::Listener")).Properties;
        Assert.Equal(("HTTPS", "443"), (CloudTemplate.Text(listener, "Protocol"), CloudTemplate.Text(listener, "Port")));
        Assert.StartsWith("ELBSecurityPolicy-TLS13-1-2", CloudTemplate.Text(listener, "SslPolicy"), StringComparison.Ordinal);
        Assert.Equal("required", CloudTemplate.Text((YamlMappingNode)Template.Members("MetadataOptions").Single().Value, "HttpTokens"));
    }

    [Fact]
    public void The_internet_reaches_port_443_of_the_load_balancer_alone()
    {
        var rules = Template.Of("AWS::EC2::SecurityGroup").SelectMany(g => g.Properties.Children.TryGetValue("SecurityGroupIngress", out var list) ? ((YamlSequenceNode)list).Cast<YamlMappingNode>().Select(rule => (g.Name, Rule: rule)) : []).ToList();
        var (open, inner) = (rules.Where(r => r.Rule.Children.ContainsKey("CidrIp") || r.Rule.Children.ContainsKey("CidrIpv6")).ToList(), rules.Where(r => r.Rule.Children.ContainsKey("SourceSecurityGroupId")).ToList());
        Assert.Equal([("BalancerGroup", "tcp", "443", "443", "0.0.0.0/0")],
            open.Select(r => (r.Name, CloudTemplate.Text(r.Rule, "IpProtocol"), CloudTemplate.Text(r.Rule, "FromPort"), CloudTemplate.Text(r.Rule, "ToPort"), CloudTemplate.Text(r.Rule, "CidrIp"))));
        Assert.Equal([("BridgeGroup", "3000", "3000", "BalancerGroup"), ("DatabaseGroup", "5432", "5432", "BridgeGroup")],
            inner.Select(r => (r.Name, CloudTemplate.Text(r.Rule, "FromPort"), CloudTemplate.Text(r.Rule, "ToPort"), CloudTemplate.Text(r.Rule, "SourceSecurityGroupId"))).Order());
        Assert.Equal(rules.Count, open.Count + inner.Count);
        Assert.All(Template.Of("AWS::EC2::SecurityGroup"), group => Assert.Contains("SecurityGroupEgress", group.Properties.Children.Keys.Select(k => k.ToString()))); // Without it, AWS allows everything.
        Assert.Empty(Template.Of("AWS::EC2::SecurityGroupIngress"));
        Assert.Equal("false", CloudTemplate.Text(Template["Database"].Properties, "PubliclyAccessible"));
        Assert.Equal(["/webhook/*", "/work/*"], CloudTemplate.Texts(CloudTemplate.Members(Template["PublishedPaths"].Node, "PathPatternConfig").Single().Value["Values"]));
        Assert.Equal("404", CloudTemplate.Text((YamlMappingNode)CloudTemplate.Members(Template["Https"].Node, "FixedResponseConfig").Single().Value, "StatusCode"));
    }

    [Fact]
    public void The_database_is_kept_if_the_stack_is_deleted_or_the_database_replaced()
    {
        var database = Template["Database"];
        Assert.Equal(("Snapshot", "Snapshot", "true"), (CloudTemplate.Text(database.Node, "DeletionPolicy"), CloudTemplate.Text(database.Node, "UpdateReplacePolicy"), CloudTemplate.Text(database.Properties, "DeletionProtection")));
        Assert.InRange(int.Parse(CloudTemplate.Text(database.Properties, "BackupRetentionPeriod")!, null), 7, 35);
    }

    [Fact]
    public void Logs_are_deleted_after_a_time() =>
        Assert.All(Template.Of("AWS::Logs::LogGroup"), log => Assert.InRange(int.Parse(CloudTemplate.Text(log.Properties, "RetentionInDays")!, null), 1, 365));

    [Fact]
    public void Images_are_parameters_that_need_a_digest()
    {
        foreach (var container in Containers.Append(Worker))
        {
            Assert.Equal("!Ref", container["Image"].Tag.Value);
            var pattern = new Regex($"^({CloudTemplate.Text(Template.Parameters[CloudTemplate.Text(container, "Image")!], "AllowedPattern")})$");
            Assert.Matches(pattern, "registry.example/slidebridge@sha256:" + new string('0', 64));
            Assert.DoesNotMatch(pattern, "registry.example/slidebridge:latest");
        }
    }

    [Fact]
    public void Containers_run_as_a_user_who_is_not_root_and_write_into_data_only()
    {
        foreach (var container in Containers.Append(Worker))
        {
            Assert.Equal(("1654:1654", "true"), (CloudTemplate.Text(container, "User"), CloudTemplate.Text(container, "ReadonlyRootFilesystem")));
            if (container != Worker) Assert.Equal("/data", CloudTemplate.Text(CloudTemplate.Members(container["MountPoints"], "ContainerPath").Single().In, "ContainerPath"));
        }
        Assert.Equal(("/data", "/data"), (Variable(Bridge, "TMPDIR"), Variable(Worker, "TMPDIR")));
    }

    [Fact]
    public void The_bridge_has_more_time_to_stop_than_it_drains_in()
    {
        var command = CloudTemplate.Texts(Bridge["Command"]).ToList();
        Assert.True(TimeSpan.FromSeconds(int.Parse(CloudTemplate.Text(Bridge, "StopTimeout")!, null)) > Duration.Parse(command[command.IndexOf("--drain") + 1]));
    }

    [Fact]
    public void The_load_balancer_waits_longer_than_a_workers_call_for_a_task()
    {
        var attributes = ((YamlSequenceNode)Template["Balancer"].Properties["LoadBalancerAttributes"]).Cast<YamlMappingNode>().ToDictionary(a => CloudTemplate.Text(a, "Key")!, a => CloudTemplate.Text(a, "Value"));
        Assert.InRange(int.Parse(attributes["idle_timeout.timeout_seconds"]!, null), 30, 4000);
        Assert.DoesNotContain("access_logs.s3.enabled", attributes.Keys); // The webhook's URL contains its key.
    }

    [Fact]
    public void Workers_are_spot_machines_with_a_GPU_and_there_are_none_without_work()
    {
        var machines = (YamlMappingNode)Template["WorkerMachines"].Properties["ComputeResources"];
        Assert.Equal(("SPOT", "0", null), (CloudTemplate.Text(machines, "Type"), CloudTemplate.Text(machines, "MinvCpus"), CloudTemplate.Text(machines, "DesiredvCpus")));
        var resources = ((YamlSequenceNode)Worker["ResourceRequirements"]).Cast<YamlMappingNode>().ToDictionary(r => CloudTemplate.Text(r, "Type")!, r => CloudTemplate.Text(r, "Value"));
        Assert.Equal("1", resources["GPU"]);
        Assert.Equal("1", CloudTemplate.Text((YamlMappingNode)Template["WorkerDefinition"].Properties["RetryStrategy"], "Attempts"));
        // A container is one hop away from its machine.
        Assert.Equal("2", CloudTemplate.Text((YamlMappingNode)Template.Members("MetadataOptions").Single().Value, "HttpPutResponseHopLimit"));
    }

    [Fact]
    public void Flags_and_variables_are_settings()
    {
        var (serve, work) = (CloudTemplate.Texts(Bridge["Command"]), CloudTemplate.Texts(Worker["Command"]));
        Assert.Equal(("serve", "work"), (serve[0], work[0]));
        Assert.Empty(serve.Where(IsFlag).Except(ServeSettings.All.Select(s => s.Flag).Append("--config")));
        Assert.Empty(work.Where(IsFlag).Except(WorkSettings.All.Select(s => s.Flag).Append("--config")));
        Assert.Empty(Names(Bridge, "Environment").Concat(Names(Bridge, "Secrets")).Where(IsOwn).Except(ServeSettings.All.Select(s => s.Variable)));
        Assert.Empty(Names(Worker, "Environment").Concat(Names(Worker, "Secrets")).Where(IsOwn).Except(WorkSettings.All.Select(s => s.Variable)));
        Assert.Contains(work[work.ToList().IndexOf("--notice") + 1], WorkSettings.Notice.Help, StringComparison.Ordinal);

        static bool IsFlag(string word) => word.StartsWith("--", StringComparison.Ordinal);
        static bool IsOwn(string name) => name.StartsWith("SLIDEBRIDGE_", StringComparison.Ordinal);
    }

    [Fact]
    public void The_bridges_settings_name_the_stacks_queue_and_definition_and_the_page_shows_the_same()
    {
        var text = Inserted().Replace(Variable(Containers.First(), "SETTINGS"), m => m.Groups[1].Value switch
        {
            "AWS::StackName" => "slidebridge",
            "WorkerPrice" => "0.53",
            var parameter => CloudTemplate.Text(Template.Parameters[parameter], "Default")!,
        });
        var settings = JsonNode.Parse(text)!;
        Assert.Equal("worker", settings["classifiers"]!["mitosis"]!["kind"]!.GetValue<string>());
        var shown = JsonNode.Parse("{" + Page[Page.IndexOf("\"fleet\": [", StringComparison.Ordinal)..].Split("\n```", 2)[0] + "}")!;
        Assert.True(JsonNode.DeepEquals(settings["fleet"], shown["fleet"]), text);
        var batch = shown["fleet"]![0]!["batch"]!;
        Assert.Equal(batch["queue"]!.GetValue<string>(), CloudTemplate.Text(Template["WorkerQueue"].Properties, "JobQueueName")!.Replace("${AWS::StackName}", "slidebridge", StringComparison.Ordinal));
        Assert.Equal(batch["definition"]!.GetValue<string>(), CloudTemplate.Text(Template["WorkerDefinition"].Properties, "JobDefinitionName")!.Replace("${AWS::StackName}", "slidebridge", StringComparison.Ordinal));
    }

    [Fact]
    public void The_pages_command_gives_every_parameter_that_has_no_default()
    {
        var command = Page[Page.IndexOf("aws cloudformation deploy", StringComparison.Ordinal)..].Split("\n```", 2)[0];
        var given = Assigned().Matches(command[command.IndexOf("--parameter-overrides", StringComparison.Ordinal)..]).Select(m => m.Groups[1].Value).ToList();
        Assert.Empty(Template.Parameters.Where(p => !p.Value.Children.ContainsKey("Default")).Select(p => p.Key).Except(given));
        Assert.Empty(given.Except(Template.Parameters.Keys));
    }

    static IEnumerable<string> Names(YamlMappingNode container, string list) => container.Children.TryGetValue(list, out var values) ? ((YamlSequenceNode)values).Cast<YamlMappingNode>().Select(v => CloudTemplate.Text(v, "Name")!) : [];

    static string Variable(YamlMappingNode container, string name) => CloudTemplate.Text(((YamlSequenceNode)container["Environment"]).Cast<YamlMappingNode>().Single(v => CloudTemplate.Text(v, "Name") == name), "Value")!;

    [GeneratedRegex(@"\$\{([A-Za-z0-9:]+)\}")]
    private static partial Regex Inserted();

    [GeneratedRegex(@"\b([A-Z][A-Za-z]+)=")]
    private static partial Regex Assigned();
}
