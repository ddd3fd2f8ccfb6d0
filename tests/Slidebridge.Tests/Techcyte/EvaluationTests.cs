using System.Text.Json;
using Slidebridge.Techcyte;

namespace Slidebridge.Tests.Techcyte;

public sealed class EvaluationTests
{
    static long? TaskOf(string json) => JsonSerializer.Deserialize(json, EvaluationJsonContext.Default.ListEvaluation)!.Single().Task;

    [Theory]
    [InlineData("""[{"id":1,"sample_id":42,"task_id":174590,"details":{}}]""", 174590L)]
    [InlineData("""[{"id":1,"task_id":"dGFzazoxODU3MTQ="}]""", 185714L)]
    [InlineData("""[{"id":1,"task_id":null}]""", null)]
    [InlineData("""[{"id":1}]""", null)]
    public void An_evaluation_tells_its_task(string json, long? task) => Assert.Equal(task, TaskOf(json));

    [Theory]
    [InlineData("""[{"task_id":"what"}]""")]
    [InlineData("""[{"task_id":{}}]""")]
    [InlineData("""[{"task_id":-1}]""")]
    public void One_that_cannot_be_understood_is_not_taken_for_another_tasks(string json) => Assert.Throws<JsonException>(() => TaskOf(json));
}
