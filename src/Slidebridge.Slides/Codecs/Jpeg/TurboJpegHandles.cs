using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Codecs;

/// <summary>A pool of idle libturbojpeg handles. A handle serves one call at a time; creating one costs as much as decoding a small tile.</summary>
sealed class TurboJpegHandles(Func<nint> make)
{
    readonly ConcurrentBag<TurboJpegHandle> idle = [];

    public TurboJpegHandle Rent() => idle.TryTake(out var handle) ? handle : Make();

    /// <summary>A new handle; the caller disposes it.</summary>
    public TurboJpegHandle Make() => new(make());

    public void Return(TurboJpegHandle handle) => idle.Add(handle);
}

sealed class TurboJpegHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public TurboJpegHandle(nint handle) : base(ownsHandle: true)
    {
        SetHandle(handle);
        if (IsInvalid) throw new InvalidOperationException("libturbojpeg could not create a handle: out of memory.");
    }

    public nint Value => handle;

    protected override bool ReleaseHandle()
    {
        TurboJpeg.Destroy(handle);
        return true;
    }
}
