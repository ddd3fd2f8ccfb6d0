using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace Slidebridge.Web.Parts;

/// <summary>Times and durations as people read them.</summary>
static class When
{
    /// <summary>"3 min ago", with the exact time on hover. The page's script keeps it current and shows the exact time in the reader's zone.</summary>
    public static RenderFragment Ago(DateTimeOffset? moment, DateTimeOffset now) => moment is not { } at ? _ => { }
    : builder =>
    {
        builder.OpenElement(0, "time");
        builder.AddAttribute(1, "datetime", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        builder.AddAttribute(2, "title", at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        builder.AddContent(3, Relative(at - now));
        builder.CloseElement();
    };

    /// <summary>"in 5 min", "just now", "3 h ago".</summary>
    public static string Relative(TimeSpan distance) => Math.Abs(distance.TotalSeconds) < 5 ? "just now" : distance < TimeSpan.Zero ? $"{Length(-distance)} ago" : $"in {Length(distance)}";

    /// <summary>A duration with its two leading units at most: "0.4 s", "12 s", "3 min 20 s", "5 h 12 min", "4 d 3 h".</summary>
    public static string Length(TimeSpan duration)
    {
        var seconds = Math.Max(0, duration.TotalSeconds);
        return seconds switch
        {
            < 10 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds):0} s"),
            < 600 => Two((int)(seconds / 60), "min", (int)(seconds % 60), "s"),
            < 3600 => $"{(int)(seconds / 60)} min",
            < 86400 => Two((int)(seconds / 3600), "h", (int)(seconds / 60 % 60), "min"),
            _ => Two((int)(seconds / 86400), "d", (int)(seconds / 3600 % 24), "h"),
        };
    }

    static string Two(int first, string unit, int second, string smaller) => second == 0 ? $"{first} {unit}" : $"{first} {unit} {second} {smaller}";
}
