namespace Slidebridge.Commands;

/// <summary>A command cannot do what was asked; the message is all that the user sees of it.</summary>
/// <param name="message">One clear sentence.</param>
/// <param name="exitCode">1 failed, 2 wrong arguments.</param>
sealed class CommandException(string message, int exitCode = 1) : SlidebridgeException(message)
{
    public int ExitCode { get; } = exitCode;
}
