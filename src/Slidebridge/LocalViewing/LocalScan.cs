using Slidebridge.Viewing;

namespace Slidebridge.LocalViewing;

/// <summary>A slide that this machine's user looks at.</summary>
/// <param name="Id">The scan's id.</param>
/// <param name="Name">The slide's file name, or its URL without the query.</param>
/// <param name="Slide">The open slide.</param>
sealed record LocalScan(string Id, string Name, ViewedSlide Slide);
