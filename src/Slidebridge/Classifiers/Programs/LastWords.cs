namespace Slidebridge.Classifiers.Programs;

/// <summary>The end of a program's stderr, from before it could classify anything: the inner exception of the failure.</summary>
sealed class LastWords(OutputTail words) : Exception(words.ToString());
