using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Slides.Codecs;

/// <summary>Idle libturbojpeg handles: one serves one call at a time, making one costs as much as a small tile.</summary>
sealed class TurboJpegHandles(Func<nint> make)
{
    readonly ConcurrentBag<TurboJpegHandle> idle = [];

    public TurboJpegHandle Rent() => idle.TryTake(out var handle) ? handle : Make();

    /// <summary>One that nobody has used; to be disposed.</summary>
    public TurboJpegHandle Make() => new(make());

    public void Return(TurboJpegHandle handle) => idle.Add(handle);
}

sealed class TurboJpegHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public TurboJpegHandle(nint handle) : base(ownsHandle: true)
    {
        SetHandle(handle);
        if (IsInvalid) throw new InvalidOperationException("libturbojpeg could not make a handle: out of memory.");
    }

    public nint Value => handle;

    protected override bool ReleaseHandle()
    {
        TurboJpeg.Destroy(handle);
        return true;
    }
}
