using Slidebridge.Slides;

namespace Slidebridge.Tests.Support;

/// <summary>Checks what a byte source reads, and how it fails.</summary>
static class SourceReads
{
    /// <summary>That a range has the bytes that were served.</summary>
    public static async Task AssertReadsAsync(this ByteSource source, byte[] served, int offset, int count)
    {
        var buffer = new byte[count];
        await source.ReadAsync(offset, buffer, TestContext.Current.CancellationToken);
        Assert.True(buffer.AsSpan().SequenceEqual(served.AsSpan(offset, count)), $"{count} bytes from {offset}");
    }

    /// <summary>The failure, which never says more than the host: paths and signatures are secrets.</summary>
    public static async Task<SlideSourceException> FailAsync(Func<Task> act, SlideSourceFailure expected)
    {
        var failure = await Assert.ThrowsAsync<SlideSourceException>(act);
        Assert.Equal(expected, failure.Failure);
        Assert.DoesNotContain("files_uuid", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
        return failure;
    }
}
