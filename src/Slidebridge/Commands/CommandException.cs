namespace Slidebridge.Commands;

/// <summary>A command failed; the user sees only the message.</summary>
/// <param name="message">One clear sentence.</param>
/// <param name="exitCode">1 failed, 2 wrong arguments.</param>
sealed class CommandException(string message, int exitCode = 1) : SlidebridgeException(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>For a server's <c>--port</c>.</summary>
    public static CommandException PortIsTaken(int port) => new($"--port: another program already listens on port {port}. Stop it, or use another port.");
}
