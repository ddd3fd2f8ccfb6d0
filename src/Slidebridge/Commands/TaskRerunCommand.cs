using System.CommandLine;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge tasks rerun</c>: classifies ended tasks again.</summary>
static class TaskRerunCommand
{
    public static Command Create()
    {
        var ids = new Argument<string[]>("TASK") { Description = "The task's number, or its id as the platform writes it; several may be given.", Arity = ArgumentArity.OneOrMore };
        var post = new Option<bool>("--post") { Description = "Post the new result. The platform keeps both: a completed task then has a second evaluation beside the first." };
        var who = TaskOperationCommand.Operator();
        var command = new Command("rerun", """
            Classifies an ended task again, such as with a repaired classifier.

            A completed task stays completed. The new result is kept in the bridge beside the posted one and is not posted, unless you give --post.
            The bridge needs the slides' URLs for this, and it keeps them only until they expire. After that, copy a new debug request from the
            platform and run 'slidebridge send --run FILE'.

            Examples:
              slidebridge tasks rerun 185714
              slidebridge tasks result 185714 --rerun
            """)
        { ids, post, who };
        var question = new Question(command);
        var access = new TaskAccessOptions(command);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var (named, isToPost) = (parsed.GetValue(ids)!, parsed.GetValue(post));
            if (isToPost && !question.Ask(parsed, $"Classify {Counted.Text(named.Length, "task")} again and post the new {(named.Length == 1 ? "result, a second evaluation" : "results, second evaluations")} on the platform")) return 1;
            await using var tasks = await access.OpenAsync(parsed, cancellationToken);
            return await TaskOperationCommand.DoAsync(parsed, named, id => tasks.RerunAsync(id, isToPost, parsed.GetValue(who)!, cancellationToken), task =>
                $"is classified again; the new result {(isToPost ? "is posted after that" : "is kept here and not posted")}. 'slidebridge tasks show {task.Task}' shows how it goes, 'slidebridge tasks result {task.Task} --rerun' the new result");
        });
    }
}
