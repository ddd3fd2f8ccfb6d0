namespace Slidebridge.Tests.Simulation;

public sealed class CaseTests
{
    [Fact]
    public async Task The_triage_is_set_and_what_is_omitted_stays()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        foreach (var (json, category, score) in new (string, string?, double?)[]
        {
            ("{}", null, null),
            ("""{"triage_category": "urgent", "triage_score": 0.9}""", "urgent", 0.9),
            ("""{"triage_score": 0.5}""", "urgent", 0.5),
            ("""{"triage_category": "routine"}""", "routine", 0.5),
            ("{}", "routine", 0.5),
        })
        {
            var answer = await platform.PatchCaseAsync(task, json);
            Assert.Equal((204, ""), (answer.Status, answer.Text));
            Assert.Equal((category, score), task.Triage);
        }
        var told = (await platform.GetAsync($"/simulator/requests/{task.TaskId}")).Json["triage"]!;
        Assert.Equal("""{"category":"routine","score":0.5}""", told.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("urgent")]
    [InlineData("{\"triage_category\": 5}")]
    [InlineData("{\"triage_category\": null}")]
    [InlineData("{\"triage_score\": \"0.5\"}")]
    [InlineData("{\"triage_score\": null}")]
    [InlineData("{\"triage_score\": 1e999}")]
    [InlineData("{\"triage_category\": \"urgent\", \"triage_score\": true}")]
    public async Task A_wrong_type_is_400_and_changes_nothing(string json)
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        await platform.PatchCaseAsync(task, """{"triage_category": "routine", "triage_score": 0.1}""");
        Assert.Equal(400, (await platform.PatchCaseAsync(task, json)).Status);
        Assert.Equal(("routine", 0.1), task.Triage);
    }

    [Fact]
    public async Task The_triage_of_results_is_the_cases_too()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        await platform.PostResultsAsync(task, """{"scanResults": [], "caseResults": {"triage": {"category": "urgent", "score": 0.7}}}""");
        Assert.Equal(("urgent", 0.7), task.Triage);
    }
}
