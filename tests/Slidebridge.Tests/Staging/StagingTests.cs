using Slidebridge.Security;
using Slidebridge.Staging;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Staging;

/// <summary>Tests of a staging directory in a folder of its own, filled from a loopback range server.</summary>
public abstract class StagingTests : ServedSlideTests
{
    internal static SlideHttp Http { get; } = new(OutboundOptions.Of(["127.0.0.1"]));

    internal string Cache => Folder.File("cache");

    internal string[] Slides => [.. Directory.GetFiles(Cache, "*.slide")];

    internal string[] Parts => [.. Directory.GetFiles(Cache, "*.part")];

    /// <summary>A staging directory as a process has it that just started.</summary>
    internal StagedSlides Start(long budget = 1L << 30, long floor = 0, string? directory = null)
    {
        var options = new StagingOptions(directory ?? Cache, budget, TimeSpan.FromMinutes(15));
        return new StagedSlides(options, new StagingDirectory(options, new FreeSpace(new FreeSpaceOptions(floor, [options.Directory]), TimeProvider.System)), Http, TimeProvider.System);
    }

    internal static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    /// <summary>The same object under a signature that expired long ago.</summary>
    internal static string Expired(ServedObject served) => $"{served.Url}&X-Amz-Date=20200101T000000Z&X-Amz-Expires=60";
}
