using Slidebridge.Settings;

namespace Slidebridge.Classifiers;

/// <summary>There is no such classifier, or it cannot be created: a file is missing, or a line in it is wrong.</summary>
/// <param name="message">One sentence that names the file, and if possible the line.</param>
/// <param name="inner">The original exception, or null.</param>
class ClassifierSettingException(string message, Exception? inner = null) : UsageException(message, inner);
