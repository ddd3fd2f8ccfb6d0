using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>A structured report. The platform has a view for each of these seven types and refuses any other. To add a type, add a record in a separate file, a line here, and its rules in <see cref="Validation.ReportRules"/>.</summary>
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
    /// <summary>The areas and objects in the report, for drawing or exporting them.</summary>
    public abstract IEnumerable<FoundShape> Shapes();
}
