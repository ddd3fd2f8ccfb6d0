using System.Collections.Concurrent;

namespace Slidebridge.Viewing;

/// <summary>Who has looked at which slide in the last hour: a slide is hundreds of tiles, and one line of the audit log.</summary>
sealed class ViewedBy(TimeProvider time)
{
    static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    const int Most = 10_000;

    readonly ConcurrentDictionary<(string Slide, string Caller), long> seen = new();

    /// <summary>Whether the caller sees the slide for the first time in a while.</summary>
    public bool Add(string slide, string caller)
    {
        if (seen.TryGetValue((slide, caller), out var at) && time.GetElapsedTime(at) < Remembered) return false;
        if (seen.Count >= Most) seen.Clear();
        seen[(slide, caller)] = time.GetTimestamp();
        return true;
    }
}
