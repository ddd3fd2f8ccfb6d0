namespace Slidebridge.Fleet.Engines;

/// <summary>Workers as jobs of AWS Batch.</summary>
/// <param name="Queue">The job queue: its name or ARN.</param>
/// <param name="Definition">The job definition: its name, <c>name:revision</c> or ARN. Without a revision, AWS takes the latest active one.</param>
/// <param name="Region">Such as <c>eu-central-1</c>; null: as the AWS SDK finds it, in the environment, the profile or the instance.</param>
/// <param name="Endpoint">Where the API is called, such as a VPC endpoint; null: the region's public endpoint.</param>
sealed record BatchOptions(string Queue, string Definition, string? Region, Uri? Endpoint) : EngineOptions
{
    public override string Kind => "batch";

    public override IFleetEngine Open(string group, EngineServices services) => new BatchEngine(this, group, services);
}
