using Microsoft.AspNetCore.Components;
using Slidebridge.Tasks;

namespace Slidebridge.Web.Parts;

/// <summary>A task's state as a coloured word.</summary>
static class StateBadge
{
    public static RenderFragment Of(TaskState state) => builder =>
    {
        builder.OpenElement(0, "span");
        builder.AddAttribute(1, "class", $"state {state.Name()}");
        builder.AddContent(2, state.Name());
        builder.CloseElement();
    };
}
