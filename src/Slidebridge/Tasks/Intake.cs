namespace Slidebridge.Tasks;

/// <summary>What became of a webhook's task.</summary>
enum Intake
{
    /// <summary>It is new, or begins anew.</summary>
    Accepted,

    /// <summary>It is there already and goes its way.</summary>
    Known,
}
