using k8s;
using k8s.Models;

namespace Slidebridge.EndToEnd.Deploy;

// KEDA's objects as far as deploy/kubernetes uses them (keda.sh, reference/scaledobject-spec and scalers/postgresql), read strictly:
// what is not here is an error in the test, and is looked up in KEDA's reference before it is added.

sealed class ScaledObject : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public ScaledObjectSpec Spec { get; set; } = new();
}

sealed class ScaledObjectSpec
{
    public V1LocalObjectReference ScaleTargetRef { get; set; } = new();

    public int MinReplicaCount { get; set; }

    public int MaxReplicaCount { get; set; }

    public int PollingInterval { get; set; }

    public AdvancedScaling Advanced { get; set; } = new();

    public List<Trigger> Triggers { get; set; } = [];
}

sealed class AdvancedScaling
{
    public AutoscalerConfig HorizontalPodAutoscalerConfig { get; set; } = new();
}

sealed class AutoscalerConfig
{
    public V2HorizontalPodAutoscalerBehavior Behavior { get; set; } = new();
}

sealed class Trigger
{
    public string Type { get; set; } = "";

    public Dictionary<string, string> Metadata { get; set; } = [];

    public V1LocalObjectReference AuthenticationRef { get; set; } = new();
}

sealed class TriggerAuthentication : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public TriggerAuthenticationSpec Spec { get; set; } = new();
}

sealed class TriggerAuthenticationSpec
{
    public List<SecretTarget> SecretTargetRef { get; set; } = [];
}

sealed class SecretTarget
{
    public string Parameter { get; set; } = "";

    public string Name { get; set; } = "";

    public string Key { get; set; } = "";
}
