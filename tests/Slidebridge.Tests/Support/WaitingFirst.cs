using Slidebridge.Tests.Classifiers;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Programs;
using Slidebridge.Tests.Results;
using Slidebridge.Tests.Slides;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Slidebridge.Tests.Support.WaitingFirst))]

namespace Slidebridge.Tests.Support;

/// <summary>The classes that take longest, most of it waiting, begin first: the others fill the time. Begun last, they would keep the suite waiting alone.</summary>
public sealed class WaitingFirst : ITestCollectionOrderer
{
    static readonly string[] Longest = [nameof(SlowSlidesTests), nameof(ProgramTests), nameof(DeliveryTests), nameof(LargeTests), nameof(HttpSourceTests), nameof(OpeningsTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(each => Array.FindIndex(Longest, name => each.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal)) is >= 0 and var place ? place : Longest.Length)];
}
