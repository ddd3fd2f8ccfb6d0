using System.CommandLine;

namespace Slidebridge.Bench.Lists;

/// <summary>The options of <see cref="ListsBench"/>.</summary>
static class ListsCommand
{
    public static Command Create()
    {
        var tasks = new Option<int>("--tasks") { HelpName = "N", Description = "Tasks of the database.", DefaultValueFactory = _ => 1_000_000 };
        var rounds = new Option<int>("--rounds") { HelpName = "N", Description = "How often each query runs; one more, the first, is not counted.", DefaultValueFactory = _ => 7 };
        var postgres = new Option<string?>("--postgres") { HelpName = "TEXT", Description = "A PostgreSQL server where databases may be made, such as 'Host=127.0.0.1;Username=postgres'. Without one: SQLite." };
        var keep = new Option<string?>("--keep") { HelpName = "DIR", Description = "A folder for the SQLite database. The next run with the same folder uses it again." };
        var bench = new Command("lists", """
            Pages, filters, searches, counts, usage and the overview of a database with many tasks.

            Examples:
              lists
              lists --tasks 100000 --postgres 'Host=127.0.0.1;Username=postgres'
            """)
        { tasks, rounds, postgres, keep };
        bench.SetAction((parsed, cancellationToken) => ListsBench.RunAsync(
            new ListsBenchOptions(parsed.GetValue(tasks), parsed.GetValue(rounds), parsed.GetValue(postgres), parsed.GetValue(keep)), cancellationToken));
        return bench;
    }
}
