namespace Slidebridge.Commands;

/// <summary>A folder that a command writes to.</summary>
static class OutputFolder
{
    /// <summary>Checks that a folder can be created and written to, before any work is done. Leaves no files behind.</summary>
    /// <exception cref="CommandException">The path is a file, is empty, or is not writable.</exception>
    public static void Check(string folder)
    {
        if (string.IsNullOrWhiteSpace(folder)) throw new CommandException("--out needs the name of a folder.", 2);
        if (File.Exists(folder)) throw new CommandException($"{folder} is a file, not a folder.", 2);
        try
        {
            var isNew = !Directory.Exists(folder);
            Directory.CreateDirectory(folder);
            File.Create(Path.Combine(folder, $".{Environment.ProcessId}.part"), 1, FileOptions.DeleteOnClose).Dispose();
            if (isNew) Directory.Delete(folder);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"This user has no permission to write to {folder}.", 1);
        }
    }
}
