namespace Slidebridge.Commands;

/// <summary>Where <c>run</c> writes a classifier's debug files. They are written at once, because they are most useful if the task fails.</summary>
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
