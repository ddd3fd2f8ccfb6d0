using System.CommandLine;
using System.Globalization;
using Slidebridge.Fuzz.Mutations;
using Slidebridge.Fuzz.Running;
using Slidebridge.Fuzz.Seeds;

namespace Slidebridge.Fuzz;

/// <summary>The command line.</summary>
static class FuzzCommand
{
    public static Task<int> RunAsync(string[] args)
    {
        if (args is ["--worker"]) return Worker.RunAsync();
        var cases = new Option<long>("--cases") { HelpName = "N", Description = "Cases in all.", DefaultValueFactory = _ => 100_000 };
        var seconds = new Option<double?>("--seconds") { HelpName = "S", Description = "No further case after this time." };
        var workers = new Option<int>("--workers") { HelpName = "K", Description = "Processes at the same time.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var format = new Option<string?>("--format") { HelpName = "FORMAT", Description = "Only seeds of tiff, dicom, zip, webhook, results, lines or model." };
        var seed = new Option<string?>("--seed") { HelpName = "NAME", Description = "Only this seed." };
        var first = new Option<long>("--first") { HelpName = "N", Description = "The number of each seed's first case: where an earlier run ended." };
        var one = new Option<long?>("--case") { HelpName = "N", Description = "Runs one case of --seed in this process and tells what comes out." };
        var save = new Option<string?>("--save") { HelpName = "DIR", Description = "Where the inputs of findings go; with --case, that case's." };
        var native = new Option<bool>("--native") { Description = "Lets mutated slides reach the machine's OpenSlide too, which is not this project's." };
        var list = new Option<bool>("--list") { Description = "Lists the seeds, and whether each reads to the end." };
        var command = new RootCommand("""
            Mutates true slides of every format, webhooks, results, programs' lines and model files, and reads them. Only the documented exceptions may come out, in at most 2 s and 512 MB; no process may end.

            Examples:
              Slidebridge.Fuzz --seconds 20
              Slidebridge.Fuzz --cases 1000000 --save /tmp/findings
              Slidebridge.Fuzz --seed tiff-lzw-tiled --case 4711 --save /tmp/findings
            """)
        { cases, seconds, workers, format, seed, first, one, save, native, list };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // Read when the library is first looked for.
            if (!parsed.GetValue(native)) Environment.SetEnvironmentVariable("SLIDEBRIDGE_OPENSLIDE", "off");
            var seeds = await SeedCollection.MakeAsync();
            if (parsed.GetValue(list)) return await ListAsync(seeds);
            if (parsed.GetValue(one) is { } number) return await ReplayAsync(seeds, seeds[parsed.GetValue(seed) ?? throw new ArgumentException("--case needs --seed.")], number, parsed.GetValue(save));
            return await new FuzzRun(
                new FuzzOptions(parsed.GetValue(cases), parsed.GetValue(seconds), Math.Max(1, parsed.GetValue(workers)), parsed.GetValue(format), parsed.GetValue(seed), parsed.GetValue(first), parsed.GetValue(save), parsed.GetValue(native)),
                seeds).RunAsync(cancellationToken);
        });
        return command.Parse(args).InvokeAsync();
    }

    static async Task<int> ListAsync(SeedCollection seeds)
    {
        foreach (var seed in seeds.All)
        {
            var result = await Worker.ReadSeedAsync(seeds, seed);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seed.Name,-34} {seed.Objects.Count,3} objects {seed.Length,9} bytes  {result.Outcome} {result.Detail}"));
        }
        foreach (var missing in seeds.Missing) Console.WriteLine($"left out: {missing}");
        return 0;
    }

    static async Task<int> ReplayAsync(SeedCollection seeds, Seed seed, long number, string? save)
    {
        var objects = new Mutator(seeds).Make(seed, number);
        if (save is not null)
        {
            Directory.CreateDirectory(save);
            for (var i = 0; i < objects.Length; i++) await File.WriteAllBytesAsync(Path.Combine(save, $"{seed.Name}-{number}-{i}.bin"), objects[i]);
        }
        var result = await Worker.ReadCaseAsync(seeds, seed, number);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Outcome}: {result.Milliseconds:0} ms, {result.Allocated / 1048576.0:0.0} MB allocated, {result.Formats} reads refused"));
        Console.WriteLine(result.Detail);
        return result.Outcome == CaseOutcome.Finding || FuzzLimits.Exceeded(result) is not null ? 1 : 0;
    }
}
