using Slidebridge.Tests.Classifiers;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Programs;
using Slidebridge.Tests.Results;
using Slidebridge.Tests.Slides;
using Slidebridge.Tests.Support;

[assembly: TestCollectionOrderer(typeof(Slidebridge.Tests.TestOrder))]

namespace Slidebridge.Tests;

/// <summary>What waits most.</summary>
public sealed class TestOrder() : LongestFirst(nameof(SlowSlidesTests), nameof(ProgramTests), nameof(DeliveryTests), nameof(LargeTests), nameof(HttpSourceTests), nameof(OpeningsTests));
