using Slidebridge.Fleet.Engines;
using Slidebridge.Settings;
using static Slidebridge.Tests.Fleet.KubernetesSetup;

namespace Slidebridge.Tests.Fleet;

/// <summary>What is refused before a cluster is called.</summary>
public sealed class KubernetesEngineTemplateTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("image: slidebridge:1", "imagee: slidebridge:1", ", line 8: Container has no field 'imagee'.")]
    [InlineData("image: slidebridge:1", "image: slidebridge:1\n          image: slidebridge:2", ", line 9: Duplicate key image.")]
    [InlineData("nvidia.com/gpu: 1", "nvidia.com/gpu: one", ", line 9: the value is not of the field's type.")]
    [InlineData("template:", "backoffLimit: many\n  template:", ", line 4: the value is not of the field's type.")]
    [InlineData("kind: Job", "kind: [", ": this is not valid YAML.")]
    [InlineData("kind: Job", "kind: CronJob", ": the file must contain a Job of batch/v1, and it contains 'CronJob' of 'batch/v1'.")]
    [InlineData("apiVersion: batch/v1", "apiVersion: batch/v1beta1", ": the file must contain a Job of batch/v1, and it contains 'Job' of 'batch/v1beta1'.")]
    [InlineData("kind: Job", "kind: Job\n---\nkind: Job", ": the file must contain one Job, and it contains 2 YAML documents.")]
    [InlineData("kind: Job", "kind: Job\nmetadata: { generateName: worker- }", ": metadata.generateName must be omitted, because the bridge names each Job.")]
    [InlineData("kind: Job", "kind: Job\nmetadata: { namespace: other }", ": metadata.namespace is 'other', but the fleet's setting 'namespace' is not set.")]
    [InlineData("  template:", "  podFailurePolicy: { rules: [] }\n  template:", ": spec.podFailurePolicy must be omitted, because a worker has one pod: the bridge itself starts a new worker.")]
    [InlineData("  template:", "  manualSelector: true\n  template:", ": spec.selector and spec.manualSelector must be omitted, because the bridge gives each Job its own pod.")]
    [InlineData("  template:", "  ttlSecondsAfterFinished: 0\n  template:", ": spec.ttlSecondsAfterFinished must be at least 60, because the bridge reads how a worker ended from its Job.")]
    [InlineData("  template:", "  completionMode: Indexed\n  template:", ": spec.completionMode must be omitted, and it is 'Indexed'.")]
    [InlineData("          image: slidebridge:1\n", "", ": the container 'worker' has no image.")]
    [InlineData("- name: worker\n          image", "- image", ": spec.template.spec.containers[0] has no name.")]
    public async Task A_template_with_a_mistake_is_refused_at_the_start_and_by_each_call(string was, string becomes, string expected)
    {
        Assert.Contains(was, Template, StringComparison.Ordinal);
        await using var setup = await KubernetesSetup.StartAsync(Template.Replace(was, becomes, StringComparison.Ordinal));
        var options = new KubernetesOptions(setup.TemplateFile, null, setup.Kubeconfig(), null);
        var failure = Assert.Throws<SettingException>(() => options.Check("gpu"));
        Assert.Equal(setup.TemplateFile + expected, failure.Message);
        Assert.Equal(failure.Message, (await Assert.ThrowsAsync<FleetEngineException>(() => setup.Engine(options).StartAsync(Request(), Cancellation))).Message);
        Assert.Empty(setup.Cluster.Calls);
    }

    [Theory]
    [InlineData("", ": the file must contain one Job, and it contains 0 YAML documents.")]
    [InlineData("a text", ": the file must contain one Job.")]
    [InlineData("apiVersion: batch/v1\nkind: Job", ": spec is missing.")]
    [InlineData("apiVersion: batch/v1\nkind: Job\nspec: { template: { spec: { containers: [] } } }", ": spec.template.spec.containers must list at least one container: the first one is the worker.")]
    [InlineData("apiVersion: batch/v1\nkind: Job\nspec: { template: { spec: { containers: [null] } } }", ": spec.template.spec.containers[0] has no name.")]
    [InlineData(null, ": this file with the Job of a worker does not exist.")]
    public async Task A_file_without_a_job_is_refused(string? text, string expected)
    {
        await using var setup = await KubernetesSetup.StartAsync(text ?? "");
        if (text is null) File.Delete(setup.TemplateFile);
        Assert.Equal(setup.TemplateFile + expected, Assert.Throws<SettingException>(() => new KubernetesOptions(setup.TemplateFile, null, null, null).Check("gpu")).Message);
    }

    [Theory]
    [InlineData("gpu/large", null, null, "The group 'gpu/large' cannot be a label in Kubernetes: use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends.")]
    [InlineData("gpu", "Slides", null, "The namespace 'Slides' is not valid in Kubernetes: use at most 63 lower-case letters, digits and '-'.")]
    [InlineData("gpu", null, "/nowhere/config", "/nowhere/config: this kubeconfig does not exist.")]
    public async Task Other_settings_are_checked_at_the_start_too(string group, string? area, string? kubeconfig, string expected)
    {
        await using var setup = await KubernetesSetup.StartAsync();
        Assert.Equal(expected, Assert.Throws<SettingException>(() => new KubernetesOptions(setup.TemplateFile, area, kubeconfig, null).Check(group)).Message);
        new KubernetesOptions(setup.TemplateFile, "slides", setup.Kubeconfig(), null).Check("gpu");
    }
}
