namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>A program's request is invalid; the program receives the message and may continue.</summary>
sealed class WrongRequestException(string message) : Exception(message);
