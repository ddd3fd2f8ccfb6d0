namespace Slidebridge.Classifiers.Programs;

/// <summary>The end of what a program wrote to its error stream before it could classify anything: the cause of the exception that holds it.</summary>
sealed class LastWords(OutputTail words) : Exception(words.ToString());
