namespace Slidebridge.Classifiers;

/// <summary>A classifier that is a model or a program, not a C# class. For the record of what made a result.</summary>
interface IMadeOfFiles
{
    /// <summary>Full paths of the model, its description, the program and its script.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>The version that the model or the program states; null if it states none. Known once the classifier is ready.</summary>
    string? Version { get; }

    /// <summary>The host of the model server; null if the model is on this machine.</summary>
    string? Server => null;
}
