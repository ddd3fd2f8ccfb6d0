using Slidebridge.Tests.Support;

[assembly: TestCollectionOrderer(typeof(Slidebridge.EndToEnd.TestOrder))]

namespace Slidebridge.EndToEnd;

/// <summary>What kills most, and what compiles.</summary>
public sealed class TestOrder() : LongestFirst(nameof(KillTests), nameof(ClusterTests), nameof(CrashStormTests), nameof(LargeOutputTests), nameof(Deploy.ContainerImageTests), nameof(TemplateTests), nameof(ProgramIsolationTests), nameof(BackupTests), nameof(ClockTests), nameof(FullDiskTests));
