using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>A structured report; the platform has a view for each of these seven types and refuses any other. A further type is a record of its own file, its line here and its rules in <see cref="Validation.ReportRules"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(BasicReport), "Basic")]
[JsonDerivedType(typeof(WholeSlideDifferentialReport), "WholeSlideDifferential")]
[JsonDerivedType(typeof(AreaDifferentialReport), "AreaDifferential")]
[JsonDerivedType(typeof(SemiQuantitativeDifferentialReport), "SemiQuantitativeDifferential")]
[JsonDerivedType(typeof(RegionCountingReport), "RegionCounting")]
[JsonDerivedType(typeof(AiMitosisCountingReport), "AiMitosisCounting")]
[JsonDerivedType(typeof(TumorCellularityReport), "TumorCellularity")]
public abstract record Report
{
    /// <summary>The areas and objects that the report names, to draw them or export them.</summary>
    public abstract IEnumerable<FoundShape> Shapes();
}
