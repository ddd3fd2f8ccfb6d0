using Slidebridge.Fleet;
using Slidebridge.Fleet.Engines;
using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Fleet;

/// <summary>The section <c>fleet</c> of <c>slidebridge.json</c>.</summary>
public sealed class FleetSettingsTests
{
    [Fact]
    public void A_fleet_with_all_its_settings_is_read()
    {
        var group = Assert.Single(Read("""
            [{ "group": "gpu", "engine": "slurm", "least": 1, "most": 8, "tasksPerWorker": 4, "idle": "2m", "startWithin": "20m", "price": 3.06, "bridge": "https://bridge.example",
               "slurm": { "partition": "gpu", "options": ["--gres=gpu:1"], "prefix": ["ssh", "login"], "command": "slidebridge work" } }]
            """));
        Assert.Equal(("gpu", 1, 8, 4, 3.06), (group.Group, group.Least, group.Most, group.TasksPerWorker, group.Price));
        Assert.Equal((TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(20), new Uri("https://bridge.example")), (group.Idle, group.StartWithin, group.Bridge));
        var slurm = Assert.IsType<SlurmOptions>(group.Engine);
        Assert.Equal(("slidebridge work", "gpu", "--gres=gpu:1", "ssh login"), (slurm.Command, slurm.Partition, string.Join(' ', slurm.Options), string.Join(' ', slurm.Prefix)));
    }

    [Fact]
    public void A_fleet_needs_little()
    {
        var group = Assert.Single(Read("""[{ "group": "cpu", "engine": "process" }]"""));
        Assert.Equal((0, 1, 1, null), (group.Least, group.Most, group.TasksPerWorker, group.Price));
        Assert.IsType<BatchOptions>(Assert.Single(Read("""[{ "group": "gpu", "engine": "batch", "batch": { "queue": "q", "definition": "d" } }]""")).Engine);
        Assert.IsType<CommandOptions>(Assert.Single(Read("""[{ "group": "gpu", "engine": "command", "command": { "start": "a", "list": "b", "stop": "c" } }]""")).Engine);
    }

    [Theory]
    [InlineData("""{}""", "fleet must be a list")]
    [InlineData("""[{ "engine": "process" }]""", "the fleet has no 'group'")]
    [InlineData("""[{ "group": "gpu" }]""", "the fleet has no 'engine': slurm, kubernetes, batch, command or process")]
    [InlineData("""[{ "group": "gpu", "engine": "pbs" }]""", "'pbs' is not an engine")]
    [InlineData("""[{ "group": "GPU", "engine": "process" }]""", "lower-case letters")]
    [InlineData("""[{ "group": "a;rm", "engine": "process" }]""", "lower-case letters")]
    [InlineData("""[{ "group": "gpu", "engine": "process", "most": 0 }]""", "most: '0' is not a whole number from 1 to 10000")]
    [InlineData("""[{ "group": "gpu", "engine": "process", "least": 2 }]""", "'least' (2) is more than 'most' (1)")]
    [InlineData("""[{ "group": "gpu", "engine": "process", "idle": "0s" }]""", "idle: '0s' is not a time of 1s or more")]
    [InlineData("""[{ "group": "gpu", "engine": "process", "price": "cheap" }]""", "'price' must be")]
    [InlineData("""[{ "group": "gpu", "engine": "process", "max": 3 }]""", "a fleet has no 'max'")]
    [InlineData("""[{ "group": "gpu", "engine": "process" }, { "group": "gpu", "engine": "process" }]""", "the group gpu occurs twice")]
    [InlineData("""[{ "group": "gpu", "engine": "slurm" }]""", "the engine slurm has no 'command'")]
    [InlineData("""[{ "group": "gpu", "engine": "slurm", "process": {} }]""", "it has no section 'process'")]
    [InlineData("""[{ "group": "gpu", "engine": "slurm", "slurm": { "command": "x", "options": ["--gres=gpu:1\nrm -rf"] } }]""", "'options' must be one line")]
    [InlineData("""[{ "group": "gpu", "engine": "slurm", "slurm": { "command": "x", "queue": "y" } }]""", "the engine slurm has no 'queue'; it has command, partition, options, prefix")]
    [InlineData("""[{ "group": "gpu", "engine": "kubernetes", "kubernetes": { "template": "no-such-file.yaml" } }]""", "no-such-file.yaml")]
    [InlineData("""[{ "group": "gpu", "engine": "batch", "batch": { "queue": "q" } }]""", "the engine batch has no 'definition'")]
    [InlineData("""[{ "group": "gpu", "engine": "command", "command": { "start": "a", "list": "b" } }]""", "the engine command has no 'stop'")]
    public void What_is_wrong_is_a_sentence(string json, string why) => Assert.Contains(why, Assert.Throws<SettingException>(() => Read(json)).Message, StringComparison.Ordinal);

    static IReadOnlyList<FleetGroup> Read(string fleet)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("slidebridge.json"), $$"""{ "fleet": {{fleet}} }""");
        return new FleetSections(SettingsFile.Read(folder.File("slidebridge.json"), ServeSettings.All)!).Groups();
    }
}
