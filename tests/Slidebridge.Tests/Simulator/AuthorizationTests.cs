using Slidebridge.Simulator.Platform;

namespace Slidebridge.Tests.Simulation;

/// <summary>Which tokens open which calls.</summary>
public sealed class AuthorizationTests
{
    /// <summary>Every call that acts for a task: its name.</summary>
    public static TheoryData<string> Calls => ["results", "evaluations", "case", "graphql"];

    [Theory, MemberData(nameof(Calls))]
    public async Task The_tasks_own_token_is_taken(string call)
    {
        await using var platform = await StandIn.StartAsync();
        var task = await PreparedAsync(platform);
        Assert.InRange(await CallAsync(platform, call, task, task.Token), 200, 204);
    }

    [Theory, MemberData(nameof(Calls))]
    public async Task An_API_keys_token_is_taken_for_every_task(string call)
    {
        await using var platform = await StandIn.StartAsync();
        var token = await platform.KeyTokenAsync();
        Assert.InRange(await CallAsync(platform, call, await PreparedAsync(platform), token), 200, 204);
        Assert.InRange(await CallAsync(platform, call, await PreparedAsync(platform), token), 200, 204);
    }

    [Theory, MemberData(nameof(Calls))]
    public async Task No_token_or_a_wrong_one_is_401(string call)
    {
        await using var platform = await StandIn.StartAsync();
        var task = await PreparedAsync(platform);
        Assert.Equal(401, await CallAsync(platform, call, task, null));
        Assert.Equal(401, await CallAsync(platform, call, task, "wrong"));
        Assert.Equal(401, await CallAsync(platform, call, task, task.Token + "x"));
    }

    [Theory, MemberData(nameof(Calls))]
    public async Task Another_tasks_token_is_401(string call)
    {
        await using var platform = await StandIn.StartAsync();
        var (task, other) = (await PreparedAsync(platform), await PreparedAsync(platform));
        Assert.Equal(401, await CallAsync(platform, call, task, other.Token));
    }

    [Theory, MemberData(nameof(Calls))]
    public async Task An_expired_token_is_401(string call)
    {
        await using var platform = await StandIn.StartAsync(o => o with { TaskTokenLifetime = TimeSpan.FromMinutes(5), KeyTokenLifetime = TimeSpan.FromMinutes(10) });
        var (task, token) = (await PreparedAsync(platform), await platform.KeyTokenAsync());
        platform.Clock.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(401, await CallAsync(platform, call, task, task.Token));
        Assert.InRange(await CallAsync(platform, call, task, token), 200, 204);
        platform.Clock.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(401, await CallAsync(platform, call, task, token));
    }

    /// <summary>A task with one evaluation.</summary>
    static async Task<SimulatedTask> PreparedAsync(StandIn platform)
    {
        var task = await platform.TaskAsync();
        Assert.Equal(201, (await platform.PostResultsAsync(task)).Status);
        return task;
    }

    static async Task<int> CallAsync(StandIn platform, string call, SimulatedTask task, string? token)
    {
        var evaluations = platform.Simulator.State.Evaluations.Count;
        var answer = call switch
        {
            "results" => await platform.PostAsync(StandIn.ResultsPath(task), StandIn.Results(task), token),
            "evaluations" => await platform.GetAsync($"/api/v3/external/case_evaluations/{task.TaskId}", token),
            "case" => await platform.CallAsync(HttpMethod.Patch, $"/api/v3/external/case/{task.TaskId}", """{"triage_score":1}""", token),
            _ => await platform.PostAsync("/api/graphql", Query(task, platform.Simulator.State.Evaluations.First(e => e.TaskNumber == task.TaskNumber).Id), token),
        };
        if (answer.Status == 401) Assert.Equal(evaluations, platform.Simulator.State.Evaluations.Count);
        return answer.Status;
    }

    static string Query(SimulatedTask task, long evaluation) => $$"""
        {"query": "{ objects(sample_id: {{task.Scans[0].Id}}, filter: {evaluation_id: {{evaluation}} }) {x y} }"}
        """;
}
