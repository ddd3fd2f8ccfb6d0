namespace Slidebridge.Settings;

/// <summary>A program was started with invalid arguments or settings. It ends with exit code 2, the shells' code for wrong usage.</summary>
/// <param name="message">One sentence that names the wrong argument, variable or line.</param>
/// <param name="innerException">The cause, if there is one.</param>
abstract class UsageException(string message, Exception? innerException = null) : SlidebridgeException(message, innerException);
