using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <summary>How long a bridge takes from its start until it is ready.</summary>
static class StartBench
{
    public static async Task<int> RunAsync(int times, CancellationToken cancellationToken)
    {
        var table = new Table().AddColumns("start", "new data, s", "used data, s", "peak MB");
        var platform = new Uri("http://127.0.0.1:9"); // Nothing is asked of it.
        for (var i = 1; i <= times; i++)
        {
            var data = Directory.CreateTempSubdirectory("slidebridge-bench-").FullName;
            try
            {
                double first, second;
                long memory;
                await using (var bridge = await BridgeProcess.StartAsync(BridgeProcess.OwnCommand, platform, data, cancellationToken)) first = bridge.ReadyAfter.TotalSeconds;
                await using (var bridge = await BridgeProcess.StartAsync(BridgeProcess.OwnCommand, platform, data, cancellationToken)) (second, memory) = (bridge.ReadyAfter.TotalSeconds, bridge.PeakMemory);
                table.AddRow($"{i}", Number(first, "N2"), Number(second, "N2"), Number(memory / 1e6, "N0"));
            }
            finally
            {
                Directory.Delete(data, recursive: true);
            }
        }
        AnsiConsole.Write(table);
        return 0;
    }
}
