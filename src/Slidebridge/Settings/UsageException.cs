namespace Slidebridge.Settings;

/// <summary>A program was started with arguments or settings that cannot be. It ends with exit code 2, as shells have it for wrong usage.</summary>
/// <param name="message">One sentence that names the argument, variable or line at fault.</param>
/// <param name="innerException">The cause, where there is one.</param>
abstract class UsageException(string message, Exception? innerException = null) : SlidebridgeException(message, innerException);
