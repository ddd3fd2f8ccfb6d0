namespace Slidebridge.Fleet.Engines;

/// <summary>An engine refused or did not answer. A later attempt may succeed.</summary>
sealed class FleetEngineException : SlidebridgeException
{
    /// <param name="message">For the operator, one or two sentences: which engine, what it said, what to do.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public FleetEngineException(string message, Exception? inner = null) : base(EngineText.Line(message), inner) => IsTransient = true;
}
