namespace Slidebridge;

/// <summary>
/// The bridge as a library: <c>await Bridge.CreateBuilder(args).AddClassifier&lt;Mitosis&gt;("mitosis").RunAsync()</c> is a complete program
/// with every command of <c>slidebridge</c>.
/// </summary>
public static class Bridge
{
    /// <summary>Begins a program with the sample classifiers (docs/samples.md).</summary>
    /// <param name="args">The program's arguments.</param>
    public static BridgeBuilder CreateBuilder(string[] args) => new(args);
}
