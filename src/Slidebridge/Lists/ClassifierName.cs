using Slidebridge.Classifiers.Catalog;

namespace Slidebridge.Lists;

/// <summary>A classifier as lists and sums show it.</summary>
static class ClassifierName
{
    /// <summary>Without the arguments of a command, which may contain a secret.</summary>
    public static string? Of(string? classifier) => classifier is not null && ClassifierKind.Of(classifier, out var argument) is { } kind ? kind.ShortNameOf(argument) : classifier;
}
