namespace Slidebridge.Classifiers.Programs;

/// <summary>Classifiers in Python, run by the package <c>slidebridge</c>, which is part of the bridge: nothing must be installed.</summary>
static class PythonProgram
{
    /// <summary>The package's folder, beside the bridge's executable.</summary>
    static readonly string Package = Path.Combine(AppContext.BaseDirectory, "python");

    /// <summary>A file with a function that has <c>@slidebridge.classifier</c>.</summary>
    /// <exception cref="ClassifierSettingException">There is no such file.</exception>
    public static ProgramCommand Classifier(string file, string python) => Of("classifier", file, python);

    /// <summary>A file with the developer kit's <c>process_image(image_path, data)</c>.</summary>
    /// <exception cref="ClassifierSettingException">There is no such file.</exception>
    public static ProgramCommand DevKit(string file, string python) => Of("devkit", file, python);

    static ProgramCommand Of(string way, string file, string python)
    {
        if (!File.Exists(file)) throw new ClassifierSettingException(file.Length == 0 ? "The file is missing; write python:FILE." : $"The file {file} does not exist.");
        var path = Environment.GetEnvironmentVariable("PYTHONPATH") is { Length: > 0 } set ? $"{Package}{Path.PathSeparator}{set}" : Package;
        return ProgramCommand.Of(python, ["-u", "-m", "slidebridge", way, Path.GetFullPath(file)], new Dictionary<string, string> { ["PYTHONPATH"] = path }) with
        {
            Needs = [Path.GetDirectoryName(Path.GetFullPath(file))!],
            Files = [Path.GetFullPath(file), .. NamedFiles.Find(python) is { } interpreter ? [interpreter] : Array.Empty<string>()],
        };
    }
}
