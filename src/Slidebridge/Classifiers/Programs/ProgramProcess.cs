using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A running program that the bridge talks to by lines of JSON (docs/classifiers/exec.md): what it is told goes to its input, what it says comes
/// from its output, and its error stream is its log.
/// </summary>
sealed class ProgramProcess : IAsyncDisposable
{
    static readonly TimeSpan MemoryIsLookedAt = TimeSpan.FromMilliseconds(250);

    /// <summary>What it has said and nobody has heard yet.</summary>
    const int MostUnheard = 8;

    /// <summary>How long its streams are read on after it has ended: something that it started may hold them open for ever.</summary>
    static readonly TimeSpan Echo = TimeSpan.FromSeconds(1);

    /// <summary>Its error stream is quiet when nothing came for so long.</summary>
    static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    const int MostQuietLooks = 10;

    readonly Process process;
    readonly int group;
    readonly Channel<ProgramMessage> said = Channel.CreateBounded<ProgramMessage>(MostUnheard);
    readonly SemaphoreSlim writing = new(1, 1);
    readonly CancellationTokenSource ended = new(), gone = new();
    readonly Task watching, logging;
    long lastHeard = Stopwatch.GetTimestamp();
    volatile string? killedFor;
    int isGroupOver, lines;
    bool keepsPlace;

    ProgramProcess(Process process, ProgramPlace place, long? memory, Action<string>? log)
    {
        this.process = process;
        Place = place;
        group = process.Id;
        Log = log;
        logging = LogAsync();
        _ = EndAsync();
        watching = memory is { } limit ? WatchAsync(limit) : Task.CompletedTask;
    }

    /// <summary>Starts a program.</summary>
    /// <param name="host">What it sees of this machine.</param>
    /// <param name="command">It.</param>
    /// <param name="memory">What it may hold, in bytes; null for no limit.</param>
    /// <param name="log">What <see cref="Log"/> is from its first line on, which it may have written before this returns.</param>
    /// <param name="printed">Takes the lines of its output where they are no messages; null where they are.</param>
    /// <exception cref="ClassifierException">It cannot be started.</exception>
    public static ProgramProcess Start(ProgramHost host, ProgramCommand command, long? memory, Action<string>? log = null, Action<string>? printed = null) =>
        Start(host, host.CreatePlace(), command, memory, log, printed, keepsPlace: false);

    /// <inheritdoc cref="Start(ProgramHost, ProgramCommand, long?, Action{string}?, Action{string}?)"/>
    /// <param name="place">Its folders.</param>
    /// <param name="keepsPlace">They outlive it.</param>
    public static ProgramProcess Start(ProgramHost host, ProgramPlace place, ProgramCommand command, long? memory, Action<string>? log, Action<string>? printed, bool keepsPlace)
    {
        try
        {
            var program = new ProgramProcess(ProgramStarter.Start(command.ToStartInfo(host, place)), place, memory, log) { keepsPlace = keepsPlace };
            _ = printed is null ? program.ListenAsync(host.LargestResult) : program.PassOnAsync(printed);
            return program;
        }
        catch (Win32Exception e)
        {
            if (!keepsPlace) place.Dispose();
            throw new ClassifierException($"The program cannot be started: {e.Message}", e);
        }
    }

    /// <summary>The folders that it sees and no other program.</summary>
    public ProgramPlace Place { get; }

    /// <summary>The end of what it wrote to its error stream.</summary>
    public OutputTail LastWords { get; } = new();

    /// <summary>Where the lines of its error stream go, beside <see cref="LastWords"/>.</summary>
    public Action<string>? Log { get; set; }

    /// <summary>It was killed because it held too much memory.</summary>
    public bool WasTooLarge { get; private set; }

    public bool HasEnded => process.HasExited;

    /// <summary>What it and all that it started have used of the processors; null where it cannot be told.</summary>
    public TimeSpan? ProcessorTime => Programs.ProcessorTime.Of(process);

    /// <summary>How long it has said nothing.</summary>
    public TimeSpan SilentFor => Stopwatch.GetElapsedTime(Volatile.Read(ref lastHeard));

    /// <summary>Its silence so far does not count.</summary>
    public void ListenFromNow() => Volatile.Write(ref lastHeard, Stopwatch.GetTimestamp());

    /// <summary>Tells it something.</summary>
    /// <exception cref="IOException">It takes nothing any more.</exception>
    public async Task TellAsync(JsonObject message, CancellationToken cancellationToken)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(message, ProtocolJson.Default.JsonObject), (byte)'\n'];
        await writing.WaitAsync(cancellationToken);
        try
        {
            // Once begun, a line is written to its end: half of one would spoil the next. What the program started may hold the pipe open after it.
            await process.StandardInput.BaseStream.WriteAsync(line, gone.Token);
            await process.StandardInput.BaseStream.FlushAsync(gone.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            throw new IOException("The program has ended.", e);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>The next thing that it says, but for heartbeats; null where it says no more.</summary>
    /// <exception cref="ProtocolBrokenException">It says what is no message.</exception>
    public async Task<ProgramMessage?> HearAsync(CancellationToken cancellationToken) =>
        await said.Reader.WaitToReadAsync(cancellationToken) && said.Reader.TryRead(out var message) ? message : null;

    /// <summary>Drops what it has said since its last task. False where it cannot be relied on: it says what only a task is answered, or what is no message.</summary>
    public bool IsStillGood()
    {
        while (said.Reader.TryRead(out var message))
        {
            using (message)
                if (message.RootElement.GetProperty("type").GetString() is "result" or "error") return false;
        }
        return !HasEnded && !said.Reader.Completion.IsCompleted;
    }

    /// <summary>It is told nothing: its input ends.</summary>
    public void CloseInput()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It takes nothing any more.
        }
    }

    /// <summary>Waits until its error stream is quiet, half a second at most: what it wrote there before a message may not be read yet.</summary>
    public async Task CatchUpAsync()
    {
        for (var look = 0; look < MostQuietLooks; look++)
        {
            var before = Volatile.Read(ref lines);
            await Task.Delay(Quiet);
            if (before == Volatile.Read(ref lines)) return;
        }
    }

    /// <summary>Waits until it has ended.</summary>
    /// <param name="limit">Then it is killed.</param>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndedAsync(TimeSpan limit)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            Kill("closed its output and went on");
            await process.WaitForExitAsync();
        }
        await logging.WaitAsync(Echo).ContinueWith(static _ => { }, TaskScheduler.Default);
        return process.ExitCode;
    }

    /// <summary>How it has ended, as a clause: <c>ended with code 1</c>.</summary>
    public string HowItEnded => killedFor ?? process.ExitCode switch
    {
        0 => "ended without a result (code 0)",
        137 => "was killed (SIGKILL: by the system for lack of memory, or by somebody)",
        139 => "crashed (SIGSEGV)",
        134 => "crashed (SIGABRT)",
        143 => "was told to end (SIGTERM)",
        127 => "could not be started (code 127)",
        var code => $"ended with code {code}",
    };

    /// <summary>Ends it at once, with all that it started.</summary>
    /// <param name="why">A clause for <see cref="HowItEnded"/>.</param>
    public void Kill(string why)
    {
        killedFor ??= why;
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
        if (Volatile.Read(ref isGroupOver) == 0) ProcessGroup.Kill(group);
    }

    /// <summary>Once the program has ended: what it has left behind. Only then, for with the last of the group its id is free, and may soon be another's.</summary>
    void EndGroup()
    {
        if (Interlocked.Exchange(ref isGroupOver, 1) == 0) ProcessGroup.Kill(group);
    }

    /// <summary>Closes its input, by which it knows that it is to end; kills it where it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        CloseInput();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(2));
        }
        catch (TimeoutException)
        {
            Kill("did not end when its input was closed");
        }
        if (process.HasExited) EndGroup();
        await gone.CancelAsync();
        await ended.CancelAsync();
        await Task.WhenAll(watching, logging.WaitAsync(TimeSpan.FromSeconds(1))).ContinueWith(static _ => { }, TaskScheduler.Default);
        if (!keepsPlace) Place.Dispose();
        process.Dispose();
        ended.Dispose();
        writing.Dispose();
    }

    /// <summary>In a task of its own: reading a pipe cannot be cancelled.</summary>
    async Task ListenAsync(long largestResult)
    {
        var output = new MessageReader(process.StandardOutput.BaseStream, heard: () => Volatile.Write(ref lastHeard, Stopwatch.GetTimestamp()), largestResult);
        try
        {
            while (await output.ReadAsync() is { } message)
            {
                if (message.RootElement.GetProperty("type").ValueEquals("heartbeat"u8)) message.Dispose();
                else await said.Writer.WriteAsync(message);
                // One result at a time: several that nobody has heard yet would fill the memory.
                if (message.Results is not null) await message.Over;
            }
            said.Writer.TryComplete();
        }
        catch (Exception e) when (e is ProtocolBrokenException or ClassifierException)
        {
            said.Writer.TryComplete(e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or ChannelClosedException)
        {
            said.Writer.TryComplete(); // It has ended.
        }
    }

    async Task PassOnAsync(Action<string> printed)
    {
        try
        {
            await foreach (var line in CutLines.ReadAsync(process.StandardOutput)) printed(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended.
        }
    }

    async Task EndAsync()
    {
        try
        {
            await process.WaitForExitAsync(ended.Token);
            EndGroup();
            await gone.CancelAsync();
            await Task.Delay(Echo, ended.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more.
        }
        said.Writer.TryComplete();
    }

    async Task LogAsync()
    {
        try
        {
            await foreach (var line in CutLines.ReadAsync(process.StandardError))
            {
                LastWords.Add(line);
                Log?.Invoke(line);
                Interlocked.Increment(ref lines);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended.
        }
    }

    async Task WatchAsync(long limit)
    {
        using var timer = new PeriodicTimer(MemoryIsLookedAt);
        try
        {
            while (!process.HasExited && await timer.WaitForNextTickAsync(ended.Token))
            {
                if (ProcessMemory.Of(process) is var held && held <= limit) continue;
                WasTooLarge = true;
                Kill($"held {held / 1_000_000} MB of memory, more than its {limit / 1_000_000} MB (--program-memory)");
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }
}
