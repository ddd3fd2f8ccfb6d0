using Slidebridge.EndToEnd.Support;
using Slidebridge.Tests.Lists;

namespace Slidebridge.EndToEnd;

/// <summary>What <c>Slidebridge.Tests.Lists</c> tests on SQLite, on PostgreSQL, which several nodes write to.</summary>
public sealed class ListTests
{
    [Fact]
    public async Task Lists_and_sums_equal_a_full_scan_after_random_changes()
    {
        await using var postgres = await Postgres.CreateAsync();
        await using var world = await ListWorld.CreateAsync(postgres.Database);
        await new RandomTasks(world, seed: 1).ChangeAsync(150);
        await FullScan.AssertEqualAsync(world);
        await world.FoldAllAsync();
        await FullScan.AssertEqualAsync(world);
    }

    [Fact]
    public async Task Several_nodes_change_tasks_and_write_the_columns_at_the_same_time()
    {
        await using var postgres = await Postgres.CreateAsync();
        await using var one = await ListWorld.CreateAsync(postgres.Database);
        await using var two = await ListWorld.CreateAsync(postgres.Database);
        await using var three = await ListWorld.CreateAsync(postgres.Database);
        await Task.WhenAll(((ListWorld[])[one, two, three]).SelectMany((world, node) => Enumerable.Range(0, 2).Select(i => new RandomTasks(world, node * 2 + i, 1 + (node * 2 + i) * 10_000).ChangeAsync(50))));
        await FullScan.AssertEqualAsync(two);
        await one.FoldAllAsync();
        await FullScan.AssertEqualAsync(three);
    }
}
