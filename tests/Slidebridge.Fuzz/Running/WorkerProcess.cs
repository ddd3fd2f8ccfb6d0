using System.Diagnostics;

namespace Slidebridge.Fuzz.Running;

/// <summary>A worker seen from outside: runs batches in it, and tells which case it did not survive.</summary>
sealed class WorkerProcess : IDisposable
{
    // Three times the time that a case may take, on a machine that does something else too. Starting takes the seeds' time.
    static readonly TimeSpan CasePatience = TimeSpan.FromSeconds(8), StartPatience = TimeSpan.FromSeconds(60);

    // A case that takes more does not come back with its number.
    const long MostResident = 3L * 1024 * 1024 * 1024;

    readonly Process process;
    readonly Queue<string> errors = new();

    WorkerProcess(Process process)
    {
        this.process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            lock (errors)
            {
                errors.Enqueue(line.Data);
                if (errors.Count > 60) errors.Dequeue();
            }
        };
        process.BeginErrorReadLine();
    }

    public static async Task<WorkerProcess> StartAsync(bool native, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        start.ArgumentList.Add("--worker");
        if (!native) start.Environment["SLIDEBRIDGE_OPENSLIDE"] = "off";
        var worker = new WorkerProcess(Process.Start(start)!);
        if (await worker.ReadAsync(StartPatience, cancellationToken) == Worker.Ready) return worker;
        worker.Dispose();
        throw new InvalidOperationException($"A worker did not start: {worker.Errors}");
    }

    /// <summary>The results of a batch, one by one; after one that says how the worker ended there are no more.</summary>
    public async IAsyncEnumerable<CaseResult> RunAsync(string seed, long first, int count, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteLineAsync($"{seed} {first} {count}".AsMemory(), cancellationToken);
        await process.StandardInput.FlushAsync(cancellationToken);
        for (var done = 0; done < count;)
        {
            string? line;
            string? end = null;
            try
            {
                line = await ReadAsync(CasePatience, cancellationToken);
                if (line is null) end = await EndAsync();
            }
            catch (TimeoutException e)
            {
                (line, end) = (null, e.Message);
            }
            if (end is not null)
            {
                yield return new CaseResult(CaseOutcome.Finding, CasePatience.TotalMilliseconds, 0, 0, 0, 0, 0, end);
                yield break;
            }
            if (CaseResult.Parse(line!) is not { } result) continue;
            done++;
            yield return result;
        }
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    string Errors
    {
        get
        {
            lock (errors) return string.Join('\n', errors);
        }
    }

    /// <summary>A line, or null at the end.</summary>
    /// <exception cref="TimeoutException">Neither came in time, or the worker takes too much memory.</exception>
    async Task<string?> ReadAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var line = process.StandardOutput.ReadLineAsync(cancellationToken).AsTask();
        if (line.IsCompleted) return await line;
        var started = Stopwatch.StartNew();
        while (await Task.WhenAny(line, Task.Delay(200, cancellationToken)) != line)
        {
            process.Refresh();
            if (!process.HasExited && process.WorkingSet64 > MostResident) throw new TimeoutException($"hang: the worker takes {process.WorkingSet64 >> 20} MB.");
            if (started.Elapsed > patience) throw new TimeoutException($"hang: nothing came for {patience.TotalSeconds:0} s.");
        }
        return await line;
    }

    async Task<string> EndAsync()
    {
        await process.WaitForExitAsync();
        return $"crash: the worker ended with code {process.ExitCode}.\n{Errors}";
    }
}
