namespace Slidebridge.Commands;

/// <summary>A folder that a command writes to.</summary>
static class OutputFolder
{
    /// <summary>Tries whether it can be made and written to, before work is done for it. Nothing is left of the try.</summary>
    /// <exception cref="CommandException">It is a file, has no name, or cannot be written.</exception>
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
            throw new CommandException($"{folder} cannot be written by this user.", 1);
        }
    }
}
