using Slidebridge.Settings;

namespace Slidebridge.Classifiers;

/// <summary>There is no such classifier, or what it is made from cannot be: a file that is missing, or a wrong line in it.</summary>
/// <param name="message">One sentence that names the file, and where it can the line.</param>
/// <param name="inner">What it came from, or null.</param>
class ClassifierSettingException(string message, Exception? inner = null) : UsageException(message, inner);
