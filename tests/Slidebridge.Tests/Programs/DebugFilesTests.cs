using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Programs;

/// <summary>Files that a program leaves beside its result.</summary>
public sealed class DebugFilesTests
{
    [Fact]
    public void Files_are_kept_links_and_folders_are_not_and_nothing_is_there_for_the_next_task()
    {
        using var host = new ProgramHost(new ProgramOptions { Sandbox = SandboxMode.Off });
        using var folder = new TemporaryFolder();
        using var place = host.CreatePlace();
        File.WriteAllText(folder.File("secret"), "not the program's");
        File.WriteAllText(Path.Combine(place.Debug, "map.png"), "map");
        Directory.CreateDirectory(Path.Combine(place.Debug, "work"));
        File.WriteAllText(Path.Combine(place.Debug, "work", "inner"), "");
        File.CreateSymbolicLink(Path.Combine(place.Debug, "link"), folder.File("secret"));
        Directory.CreateSymbolicLink(Path.Combine(place.Debug, "way"), folder.Path);

        Assert.Equal([("map.png", "map")], Collected(place));
        place.Clear();
        Assert.Empty(Directory.GetFileSystemEntries(place.Debug));
        Assert.True(File.Exists(folder.File("secret")));

        Directory.Delete(place.Debug);
        Directory.CreateSymbolicLink(place.Debug, folder.Path);
        Assert.Empty(Collected(place));
        place.Clear();
        Assert.True(File.Exists(folder.File("secret")));
    }

    [Fact]
    public void As_many_are_kept_as_an_archive_may_hold()
    {
        using var host = new ProgramHost(new ProgramOptions { Sandbox = SandboxMode.Off });
        using var place = host.CreatePlace();
        for (var i = 0; i < 120; i++) File.WriteAllText(Path.Combine(place.Debug, $"{i:000}"), "x");
        using (var large = File.Create(Path.Combine(place.Debug, "000"))) large.SetLength(65 << 20);
        var kept = Collected(place);
        Assert.Equal((99, "001", "099"), (kept.Count, kept[0].Name, kept[^1].Name));
    }

    static List<(string Name, string Content)> Collected(ProgramPlace place)
    {
        var kept = new List<(string, string)>();
        DebugFiles.Collect(place, new ClassifierContext(new Progress<ScanProgress>(), NullLogger.Instance) { DebugFile = (name, content) => kept.Add((name, System.Text.Encoding.UTF8.GetString(content))) });
        DebugFiles.Collect(place, new ClassifierContext(new Progress<ScanProgress>(), NullLogger.Instance)); // Nobody keeps them.
        return kept;
    }
}
