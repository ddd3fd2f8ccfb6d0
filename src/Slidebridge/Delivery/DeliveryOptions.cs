using Slidebridge.Tasks;

namespace Slidebridge.Delivery;

/// <summary>How patient the delivery is.</summary>
/// <param name="Window">How long after it was saved a result is tried to be delivered.</param>
/// <param name="Settle">After a post without an answer: how long it is left to the platform to finish with it, before looking.</param>
/// <param name="Backoff">The waits between tries.</param>
/// <param name="ReportFailures">A task that fails for good is told to the platform as a result whose summary says so.</param>
sealed record DeliveryOptions(TimeSpan Window, TimeSpan Settle, Backoff Backoff, bool ReportFailures = false);
