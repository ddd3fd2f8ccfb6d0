using Xunit.Sdk;
using Xunit.v3;

namespace Slidebridge.Tests.Support;

/// <summary>The classes that take longest begin first, and the others fill the time. Begun last, one of them would keep the suite waiting alone.</summary>
/// <param name="longest">Their names, the longest first.</param>
public abstract class LongestFirst(params string[] longest) : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(each => Array.FindIndex(longest, name => each.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal)) is >= 0 and var place ? place : longest.Length)];
}
