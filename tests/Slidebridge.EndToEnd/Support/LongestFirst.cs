using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Slidebridge.EndToEnd.Support.LongestFirst))]

namespace Slidebridge.EndToEnd.Support;

/// <summary>The classes that take longest begin first: begun last, one of them would keep the suite waiting alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    static readonly string[] Longest = [nameof(KillTests), nameof(ClusterTests), nameof(CrashStormTests), nameof(LargeOutputTests), nameof(BackupTests), nameof(ClockTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(each => Array.FindIndex(Longest, name => each.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal)) is >= 0 and var place ? place : Longest.Length)];
}
