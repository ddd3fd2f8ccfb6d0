using System.Diagnostics;
using System.Globalization;
using Slidebridge.Fuzz.Mutations;
using Slidebridge.Fuzz.Seeds;
using Slidebridge.Fuzz.Texts;

namespace Slidebridge.Fuzz.Running;

/// <summary>
/// The process in which cases run: a native codec may end it, a case may hang it. It takes <c>seed first count</c> from its input, a line each,
/// and answers with a line a case, so that whoever started it knows which case it was in.
/// </summary>
sealed class Worker
{
    public const string Ready = "ready";

    readonly Mutator mutator;
    readonly SeedCollection seeds;
    long basis;

    Worker(SeedCollection seeds)
    {
        this.seeds = seeds;
        mutator = new Mutator(seeds);
    }

    public static async Task<int> RunAsync()
    {
        var worker = new Worker(await SeedCollection.MakeAsync());
        // Code is compiled and pools are filled by the true slides.
        foreach (var seed in worker.seeds.All)
            for (var i = 0; i < 2; i++) await worker.ReadAsync(seed, [.. seed.Objects], remote: i == 1);
        worker.basis = ResidentMemory.Peak;
        await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = false };
        await SayAsync(output, Ready);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var parts = line.Split(' ');
            var seed = worker.seeds[parts[0]];
            long first = long.Parse(parts[1], CultureInfo.InvariantCulture), count = long.Parse(parts[2], CultureInfo.InvariantCulture);
            for (var number = first; number < first + count; number++) await SayAsync(output, (await worker.RunCaseAsync(seed, number)).ToString());
        }
        return 0;
    }

    /// <summary>The true slide, unchanged.</summary>
    public static async Task<CaseResult> ReadSeedAsync(SeedCollection seeds, Seed seed) => await new Worker(seeds).ReadAsync(seed, [.. seed.Objects], false);

    /// <summary>A case, in this process.</summary>
    public static Task<CaseResult> ReadCaseAsync(SeedCollection seeds, Seed seed, long number) => new Worker(seeds) { basis = ResidentMemory.Peak }.RunCaseAsync(seed, number);

    Task<CaseResult> RunCaseAsync(Seed seed, long number) => ReadAsync(seed, mutator.Make(seed, number), remote: number % 4 == 3);

    async Task<CaseResult> ReadAsync(Seed seed, byte[][] objects, bool remote)
    {
        if (TextReading.IsText(seed)) return await ReadTextAsync(seed.Format, objects[0]);
        var allocated = GC.GetTotalAllocatedBytes();
        var started = Stopwatch.GetTimestamp();
        var reading = new SlideReading();
        var finding = "";
        try
        {
            await reading.RunAsync(objects, remote);
        }
        catch (Exception e)
        {
            finding = $"{reading.Step}: {e}";
        }
        return new CaseResult(
            finding.Length > 0 ? CaseOutcome.Finding : !reading.Opened ? CaseOutcome.Refused : reading.Formats + reading.Sources > 0 ? CaseOutcome.Damaged : CaseOutcome.Read,
            Stopwatch.GetElapsedTime(started).TotalMilliseconds,
            GC.GetTotalAllocatedBytes() - allocated,
            ResidentMemory.Peak - basis,
            reading.Formats, reading.Sources, reading.Arguments, finding);
    }

    async Task<CaseResult> ReadTextAsync(string format, byte[] text)
    {
        var (allocated, started) = (GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        CaseOutcome outcome;
        var finding = "";
        try
        {
            outcome = await TextReading.RunAsync(format, text) ? CaseOutcome.Read : CaseOutcome.Refused;
        }
        catch (Exception e)
        {
            (outcome, finding) = (CaseOutcome.Finding, $"{format}: {e}");
        }
        return new CaseResult(outcome, Stopwatch.GetElapsedTime(started).TotalMilliseconds, GC.GetTotalAllocatedBytes() - allocated, ResidentMemory.Peak - basis, 0, 0, 0, finding);
    }

    static async Task SayAsync(StreamWriter output, string line)
    {
        await output.WriteLineAsync(line);
        await output.FlushAsync();
    }
}
