namespace Slidebridge.Viewing;

/// <summary>A slide cannot be shown now, though nothing is wrong with it.</summary>
sealed class SlideNotShownException(string message) : SlidebridgeException(message);
