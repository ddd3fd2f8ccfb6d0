using Slidebridge.Tasks;

namespace Slidebridge.Delivery;

/// <summary>The limits and waits of the delivery.</summary>
/// <param name="Window">How long the bridge retries the delivery of a saved result.</param>
/// <param name="Settle">After an unanswered post, how long to wait before checking whether the platform received it.</param>
/// <param name="Backoff">The waits between attempts.</param>
/// <param name="ReportFailures">Report a permanently failed task to the platform, as a result whose summary says so.</param>
/// <param name="PostProvenance">Post what made a result as a part of it.</param>
sealed record DeliveryOptions(TimeSpan Window, TimeSpan Settle, Backoff Backoff, bool ReportFailures = false, bool PostProvenance = false);
