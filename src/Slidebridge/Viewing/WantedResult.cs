using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Slidebridge.Tasks;

namespace Slidebridge.Viewing;

/// <summary>Which result of a task a viewer shows, or which two results it shows as their difference.</summary>
sealed record WantedResult
{
    /// <summary>The name of the last rerun in an address; in the store it is empty.</summary>
    const string Rerun = "rerun";

    [FromQuery(Name = "of"), Description("Empty: the task's own result. 'rerun': that of the last rerun. Another name: that of the shadow classifier.")]
    public string? Of { get; init; }

    [FromQuery(Name = "against"), Description("With this parameter, the objects are the difference of two results: 'of' is A, and this one, named in the same way, is B. The classes are then 'in both', 'only in A' and 'only in B'.")]
    public string? Against { get; init; }

    /// <summary>The result as the store names it: null for the task's own, <see cref="TaskRerun.OfOperator"/> for the last rerun, else the shadow classifier.</summary>
    public string? Name => NameOf(Of);

    /// <summary>B is another result, for a difference.</summary>
    public bool IsDifference => Against is not null;

    /// <summary>B, as the store names it.</summary>
    public string? OtherName => NameOf(Against);

    static string? NameOf(string? of) => of is null or "" ? null : of == Rerun ? TaskRerun.OfOperator : of;
}
