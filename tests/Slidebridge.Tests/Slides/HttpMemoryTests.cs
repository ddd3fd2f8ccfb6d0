using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>However much of an object is read, no more of it is held than the options allow.</summary>
[Collection(nameof(RunAlone))]
public sealed class HttpMemoryTests
{
    const int Megabyte = 1024 * 1024;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_object_is_read_in_bounded_memory()
    {
        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(new byte[96 * Megabyte]);
        var options = new SlideOptions { Cache = new BlockCache(4 * Megabyte) };
        var buffer = new byte[Megabyte];
        await using var source = await HttpSource.OpenAsync(served.Url, options, Token);
        await source.ReadAsync(0, buffer, Token);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (long offset = 0; offset < source.Length; offset += buffer.Length) await source.ReadAsync(offset, buffer, Token);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{held >> 10} KiB more held after 96 MiB in {source.Usage.Requests} requests");
        // Both ends of the connection keep buffers too, and they live in this process.
        Assert.True(held < options.Cache.MemoryBytes + 4 * Megabyte, $"{held} bytes are held; the cache may hold {options.Cache.MemoryBytes}.");

        // The last blocks are still there, the first are not.
        var asked = served.Asked.Count;
        await source.ReadAsync(source.Length - buffer.Length, buffer, Token);
        Assert.Equal(asked, served.Asked.Count);
        await source.ReadAsync(0, buffer, Token);
        Assert.Equal(asked + 1, served.Asked.Count);
    }
}
