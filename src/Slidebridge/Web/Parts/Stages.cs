using System.Globalization;
using Microsoft.AspNetCore.Components;
using Slidebridge.Tasks;

namespace Slidebridge.Web.Parts;

/// <summary>What a task did from its arrival to its end, as a line: how long it was in each state.</summary>
static class Stages
{
    /// <summary>Units of the drawing.</summary>
    const double Width = 900, Height = 18;

    /// <param name="State">The state.</param>
    /// <param name="Start">When the task entered it.</param>
    /// <param name="End">When it left it; for the last state of a task that has not ended: now.</param>
    public sealed record Stage(TaskState State, DateTimeOffset Start, DateTimeOffset End)
    {
        public TimeSpan Duration => End - Start;
    }

    /// <summary>The stages by the event log, oldest first; steps within a state are one stage.</summary>
    public static IReadOnlyList<Stage> Of(DateTimeOffset accepted, TaskState state, IReadOnlyList<(DateTimeOffset At, TaskState State)> events, DateTimeOffset now)
    {
        var stages = new List<Stage>();
        var current = new Stage(TaskState.Accepted, accepted, accepted);
        foreach (var (at, next) in events)
        {
            if (next == current.State) continue;
            stages.Add(current with { End = at });
            current = new Stage(next, at, at);
        }
        if (!current.State.IsEnded()) stages.Add(current with { End = now });
        return stages;
    }

    /// <summary>The line, with its parts named for those who do not see it.</summary>
    public static RenderFragment Draw(IReadOnlyList<Stage> stages) => builder =>
    {
        var total = stages.Sum(stage => stage.Duration.TotalSeconds);
        if (total <= 0) return;
        var text = string.Join(", ", stages.Select(stage => $"{stage.State.Name()} {When.Length(stage.Duration)}"));
        builder.OpenElement(0, "svg");
        builder.AddAttribute(1, "class", "chart");
        builder.AddAttribute(2, "viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {Height}"));
        builder.AddAttribute(3, "role", "img");
        builder.AddAttribute(4, "aria-label", text);
        builder.AddAttribute(5, "preserveAspectRatio", "none");
        var x = 0.0;
        foreach (var stage in stages)
        {
            // A stage of a blink is still seen.
            var width = Math.Max(2, stage.Duration.TotalSeconds / total * Width);
            builder.OpenElement(6, "rect");
            builder.AddAttribute(7, "class", stage.State.Name());
            builder.AddAttribute(8, "x", x.ToString("0.#", CultureInfo.InvariantCulture));
            builder.AddAttribute(9, "width", Math.Max(1, width - 1).ToString("0.#", CultureInfo.InvariantCulture));
            builder.AddAttribute(10, "height", Height.ToString(CultureInfo.InvariantCulture));
            builder.AddMarkupContent(11, $"<title>{stage.State.Name()}, {When.Length(stage.Duration)}</title>");
            builder.CloseElement();
            x += width;
        }
        builder.CloseElement();
    };
}
