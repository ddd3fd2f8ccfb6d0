namespace Slidebridge.Commands;

/// <summary>Where <c>run</c> puts the files that a classifier leaves to help understand its result. They are written as they come, for a task that fails needs them most.</summary>
/// <param name="folder">The folder of the run.</param>
sealed class RunDebugFiles(string folder)
{
    readonly List<string> written = [];

    public IReadOnlyList<string> Written => written;

    public void Write(string name, byte[] content)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "debug")).FullName, name);
        File.WriteAllBytes(path, content);
        written.Add(Path.Combine(folder, "debug", name));
    }
}
