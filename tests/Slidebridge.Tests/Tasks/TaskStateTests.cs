using Slidebridge.Tasks;

namespace Slidebridge.Tests.Tasks;

public sealed class TaskStateTests
{
    [Fact]
    public void Every_state_says_where_a_task_may_go_from_it_and_a_recorded_step_stays_where_it_is()
    {
        Assert.Equal(Enum.GetValues<TaskState>(), TaskStates.Transitions.Keys.Order());
        Assert.All(TaskStates.Transitions, each => Assert.Contains(each.Key, each.Value));
    }

    [Fact]
    public void A_result_is_posted_only_after_it_was_saved_and_a_post_cannot_be_called_back()
    {
        Assert.DoesNotContain(TaskStates.Transitions, each => each.Value.Contains(TaskState.Completed) && each.Key is not (TaskState.Classified or TaskState.Delivering or TaskState.Completed));
        Assert.False(TaskState.Accepted.MayBecome(TaskState.Classified));
        Assert.False(TaskState.Running.MayBecome(TaskState.Delivering));
        Assert.False(TaskState.Delivering.MayBecome(TaskState.Cancelled));
    }

    [Fact]
    public void What_has_completed_is_never_classified_again() =>
        Assert.Equal([TaskState.Delivering, TaskState.Completed], TaskStates.Transitions[TaskState.Completed].Order());
}
