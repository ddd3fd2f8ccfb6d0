namespace Slidebridge.Overview;

/// <summary>What a bridge does and did in the last 24 hours. Tasks that the platform has not confirmed are counted in <see cref="Unverified"/> alone.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Hours">The tasks that ended in each of the 24 hours before that, the oldest hour first. A task that was restarted counts when it ended last.</param>
/// <param name="Failures">Why tasks failed in these hours, the most frequent cause first.</param>
/// <param name="Waiting">The tasks that wait for a classifier.</param>
/// <param name="Loads">What each classifier does, by execution group and classifier; those with most to do first.</param>
/// <param name="Running">Tasks that a classifier works on.</param>
/// <param name="Held">Tasks whose results wait for an operator.</param>
/// <param name="Delivering">Tasks whose results are being delivered.</param>
/// <param name="Unverified">Tasks that wait until the platform confirms them.</param>
/// <param name="Stages">How long tasks that were completed in these hours took.</param>
sealed record BridgeOverview(DateTimeOffset At, IReadOnlyList<HourSum> Hours, IReadOnlyList<FailureSum> Failures, WaitingSum Waiting, IReadOnlyList<ClassifierLoad> Loads, int Running, int Held, int Delivering, int Unverified, StageTimes Stages);

/// <param name="Start">The first moment of the hour.</param>
/// <param name="Completed">Tasks whose result was delivered.</param>
/// <param name="Failed">Tasks that failed.</param>
/// <param name="Cancelled">Tasks that an operator ended.</param>
sealed record HourSum(DateTimeOffset Start, int Completed, int Failed, int Cancelled);

/// <param name="Cause">The cause in a sentence without host, file or value; null: none was recorded.</param>
/// <param name="Tasks">The number of tasks.</param>
/// <param name="Newest">The number of the task that failed last.</param>
/// <param name="At">When that was.</param>
sealed record FailureSum(string? Cause, int Tasks, long Newest, DateTimeOffset At);

/// <param name="Tasks">The number of tasks.</param>
/// <param name="Oldest">The task that was accepted first; null: none waits.</param>
/// <param name="Since">When it was accepted.</param>
sealed record WaitingSum(int Tasks, long? Oldest, DateTimeOffset? Since);

/// <param name="Group">The execution group.</param>
/// <param name="Classifier">The short name of the classifier that the routes chose; null: none.</param>
/// <param name="Running">Tasks that it has begun.</param>
/// <param name="BusyLastHour">How many tasks it worked on at a time on average, by the tasks that ended in the last hour: their classifier time divided by an hour.</param>
/// <param name="BusyLastDay">The same for the last 24 hours.</param>
/// <param name="Waiting">Tasks that wait for it.</param>
/// <param name="Since">When the first of them was accepted; null: none waits.</param>
sealed record ClassifierLoad(string Group, string? Classifier, int Running, double BusyLastHour, double BusyLastDay, int Waiting, DateTimeOffset? Since);

/// <summary>How long the stages of completed tasks took.</summary>
/// <param name="Tasks">The tasks that were looked at: the newest, at most <see cref="OverviewQuery.MostTimed"/>.</param>
/// <param name="Waiting">From acceptance to the first start of a classifier.</param>
/// <param name="Classifying">From the last start to the saved result.</param>
/// <param name="Delivering">From the saved or released result to the platform's confirmation.</param>
sealed record StageTimes(int Tasks, StageTime Waiting, StageTime Classifying, StageTime Delivering);

/// <param name="MedianSeconds">Half of the tasks took at most so many seconds; null: no task has this stage.</param>
/// <param name="P95Seconds">95 of 100 tasks took at most so many seconds.</param>
sealed record StageTime(double? MedianSeconds, double? P95Seconds);
