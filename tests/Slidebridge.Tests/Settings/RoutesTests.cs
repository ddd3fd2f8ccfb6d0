using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Settings;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Settings;

/// <summary>Which classifier a task is given to, and how a wrong line of <c>slidebridge.json</c> is told.</summary>
public sealed class RoutesTests
{
    static ClassifierOptions Read(string json, string? flag = null)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("slidebridge.json");
        File.WriteAllText(path, json);
        var values = new SettingValues(ServeSettings.All, s => s == ServeSettings.Classifier && flag is not null ? [flag] : null, _ => null, SettingsFile.Read(path, ServeSettings.All));
        return BridgeOptions.ClassifiersFrom(values, "boxes");
    }

    const string Several = """
        {
          "taskTimeout": "10m",
          "classifiers": {
            "mitosis": { "use": "python:mitosis.py", "processes": 2, "memory": "8GB", "taskTimeout": "30m", "settings": { "threshold": 0.5, "depth": 3 } },
            "ki67": { "use": "onnx:ki67.yaml" }
          },
          "routes": [
            { "model": ["mitosis-2", "mitosis-3"], "company": "7", "classifier": "mitosis", "settings": { "threshold": 0.7 }, "group": "gpu" },
            { "stain": ["KI67", "ki-67"], "classifier": "ki67" },
            { "stain": "he", "classifier": "mitosis" },
          ]
        }
        """;

    [Theory]
    [InlineData("mitosis-2", "7", "other", "mitosis", "gpu")]
    [InlineData("mitosis-2", "8", "ki67", "ki67", null)]
    [InlineData(null, null, "Ki67", "ki67", null)]
    [InlineData(null, null, "other:KI-67", "ki67", null)]
    [InlineData(null, null, "HE,he", "mitosis", null)]
    [InlineData(null, null, "he,ki67", null, null)]
    [InlineData(null, null, "he,-", null, null)]
    [InlineData("mitosis-1", "7", "pas", null, null)]
    public void The_first_rule_that_fits_all_of_a_task_holds(string? model, string? company, string stains, string? classifier, string? group)
    {
        var route = new Router(Read(Several)).Find(model, company, [.. stains.Split(',').Select(s => s == "-" ? null : new Stain(s.Split(':')[0], s.Split(':').ElementAtOrDefault(1)))]);
        Assert.Equal((classifier, group), (route?.Classifier, route?.Group));
    }

    [Fact]
    public void A_classifier_has_its_own_limits_and_settings_and_a_route_sets_over_them()
    {
        var options = Read(Several);
        var mitosis = options.Defined.Single(d => d.Name == "mitosis");
        Assert.Equal((2, 8_000_000_000, TimeSpan.FromMinutes(30)), (mitosis.Limits.Processes, mitosis.Limits.Memory, mitosis.Limits.TaskTimeout));
        Assert.Equal(TimeSpan.FromMinutes(10), options.Defined.Single(d => d.Name == "ki67").Limits.TaskTimeout);
        Assert.Equal("""{"threshold":0.7,"depth":3}""", Router.SettingsOf(mitosis.Settings, options.Routes[0].Settings)!.ToJsonString());
    }

    [Theory]
    [InlineData("ki67", "Ki-67", true)]
    [InlineData("ki67", "KI 67", true)]
    [InlineData("Ki-67", "ki67", true)]
    [InlineData("mib1", "Ki-67 (MIB-1)", true)]
    [InlineData("ki67", "Ki-67 (MIB-1)", true)]
    [InlineData("he", "H&E", true)]
    [InlineData("he", "HE", true)]
    [InlineData("er", "ER, clone SP1", true)]
    [InlineData("er", "HER2", false)]
    [InlineData("p53", "p5 3b", false)]
    [InlineData("he", "the", false)]
    [InlineData("-", "-", false)] // No letter and no digit: no name.
    public void A_stain_matches_in_any_spelling_and_never_by_a_part_of_its_name(string rule, string stain, bool fits)
    {
        var route = new ClassifierRoute("boxes") { Stains = [rule] };
        Assert.Equal(fits, route.Fits(null, null, [new Stain(stain)]));
        Assert.Equal(fits, route.Fits(null, null, [new Stain("something else", stain)]));
    }

    [Fact]
    public void An_empty_list_in_the_place_of_an_object_is_an_empty_object()
    {
        var options = Read("""{ "classifiers": { "m": { "use": "boxes", "settings": [] } }, "routes": [ { "classifier": "m", "settings": [] } ] }""");
        Assert.Equal("{}", Assert.Single(options.Defined).Settings!.ToJsonString());
        Assert.Equal("{}", Assert.Single(options.Routes).Settings!.ToJsonString());
        Assert.True(Assert.Single(Read("""{ "classifiers": [], "routes": [ { "classifier": "boxes" } ] }""").Routes).TakesAll);
    }

    [Fact]
    public void A_file_may_be_UTF_16_as_some_shells_write_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("slidebridge.json"), "{\n \"prot\": 1 }", System.Text.Encoding.Unicode);
        Assert.Contains("line 2: there is no setting 'prot'", Assert.Throws<SettingException>(() => SettingsFile.Read(folder.File("slidebridge.json"), ServeSettings.All)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flag_names_one_classifier_for_every_task()
    {
        var route = Assert.Single(Read(Several, "tissue").Routes);
        Assert.True(route.TakesAll);
        Assert.Equal("tissue", route.Classifier);
    }

    [Theory]
    [InlineData("""{ "routes": [] }""", 1, "routes is empty: no task would have a classifier")]
    [InlineData("""{ "routes": {} }""", 1, "routes must be a list of rules")]
    [InlineData("{\n \"routes\": [\n  { \"stian\": \"he\", \"classifier\": \"boxes\" } ] }", 3, "a route has no 'stian'; it has model, company, stain, classifier, group, settings, hold and shadow")]
    [InlineData("{\n \"routes\": [\n\n  { \"stain\": \"he\" } ] }", 4, "the route names no classifier")]
    [InlineData("{ \"routes\": [ { \"classifier\": \"boxes\" },\n { \"stain\": \"he\", \"classifier\": \"boxes\" } ] }", 2, "this rule is unreachable: the previous rule matches every task")]
    [InlineData("{ \"routes\": [ { \"classifier\": \"boxes\",\n \"stain\": [] } ] }", 2, "'stain' must be a string or a list of strings")]
    [InlineData("{ \"routes\": [ { \"classifier\": \"boxes\",\n \"classifier\": \"tissue\" } ] }", 2, "'classifier' occurs twice")]
    [InlineData("{ \"classifiers\": {\n \"m\": { \"use\": \"boxes\", \"memory\": \"much\" } } }", 2, "line 2: memory: 'much' is not an amount such as 500MB, 50GB or 0.")]
    [InlineData("{ \"classifiers\": {\n \"m\": { \"memory\": \"8GB\" } } }", 2, "the classifier m has no 'use', such as \"python:mitosis.py\"")]
    [InlineData("{ \"classifiers\": {\n \"m\": \"boxes\" } }", 2, "this must be an object such as { \"use\": \"python:mitosis.py\" }")]
    [InlineData("{ \"classifiers\": {\n \"a:b\": { \"use\": \"boxes\" } } }", 2, "a classifier's name must not contain a colon: 'a:b'")]
    [InlineData("{ \"classifier\": \"boxes\",\n \"routes\": [ { \"classifier\": \"boxes\" } ] }", 2, "classifier and routes cannot both be set")]
    [InlineData("{\n \"classifiers\": { \"m\": { \"use\": \"boxes\" } } }", 2, "classifiers are defined, but no routes choose their tasks")]
    [InlineData("{ \"port\": 1,\n \"port\": 2 }", 2, "'port' occurs twice")]
    [InlineData("{ \"classifiers\": { \"m\": { \"use\": \"boxes\", \"settings\": { \"each\": [ { \"a\": 1,\n \"a\": 2 } ] } } } }", 2, "'a' occurs twice")]
    [InlineData("{\n \"classifier\": \"\\ud800\" }", 2, "not valid JSON")]
    [InlineData("\uFEFF{\n\n \"prot\": 1 }", 3, "there is no setting 'prot'")]
    public void A_wrong_file_is_told_with_its_line(string json, int line, string what)
    {
        var message = Assert.Throws<SettingException>(() => Read(json)).Message;
        Assert.Contains($"line {line}", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"routes\": [\n { \"classifier\": \"nobody\" } ] }", 2, "There is no classifier 'nobody'. The classifiers are: ")]
    [InlineData("{ \"classifiers\": { \"m\": {\n \"use\": \"nobody\" } },\n \"routes\": [ { \"classifier\": \"m\" } ] }", 2, "There is no classifier 'nobody'. The classifiers are: ; or ")]
    [InlineData("{ \"routes\": [\n { \"stain\": \"he\",\n \"classifier\": \"python:gone.py\" } ] }", 3, "The file gone.py does not exist.")]
    public async Task A_classifier_that_cannot_be_is_told_with_the_line_that_names_it(string json, int line, string what)
    {
        await using var catalog = new ClassifierCatalog([], Read(json), new ServiceCollection().AddSingleton(new ProgramHost(new ProgramOptions { Sandbox = SandboxMode.Off })).BuildServiceProvider());
        Assert.Contains($"slidebridge.json, line {line}: {what}", Assert.Throws<ClassifierSettingException>(() => catalog.Routed).Message, StringComparison.Ordinal);
    }
}
