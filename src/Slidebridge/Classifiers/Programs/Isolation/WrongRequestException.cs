namespace Slidebridge.Classifiers.Programs.Isolation;

/// <summary>A program asks for what cannot be; it is told so and may go on.</summary>
sealed class WrongRequestException(string message) : Exception(message);
