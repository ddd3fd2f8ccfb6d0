using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Slidebridge.Classifiers.Programs.Isolation;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Programs;

/// <summary>
/// A running program. The bridge and the program exchange JSON Lines over the program's stdin and stdout (docs/classifiers/exec.md); its stderr is its log.
/// </summary>
sealed class ProgramProcess : IAsyncDisposable
{
    static readonly TimeSpan MemoryIsLookedAt = TimeSpan.FromMilliseconds(250);

    /// <summary>Maximum messages that were received and not read yet.</summary>
    const int MostUnheard = 8;

    /// <summary>How long its streams are read after it has ended: a child process may hold them open for ever.</summary>
    static readonly TimeSpan Echo = TimeSpan.FromSeconds(1);

    /// <summary>Its stderr counts as quiet after this long without output.</summary>
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
    /// <param name="host">What the program sees of this machine.</param>
    /// <param name="command">The program.</param>
    /// <param name="memory">Its memory limit in bytes; null for no limit.</param>
    /// <param name="log">The initial value of <see cref="Log"/>, for lines that the program writes before this returns.</param>
    /// <param name="printed">Receives the lines of its stdout if they are not messages; null if they are.</param>
    /// <exception cref="ClassifierException">The program cannot be started.</exception>
    public static ProgramProcess Start(ProgramHost host, ProgramCommand command, long? memory, Action<string>? log = null, Action<string>? printed = null) =>
        Start(host, host.CreatePlace(), command, memory, log, printed, keepsPlace: false);

    /// <inheritdoc cref="Start(ProgramHost, ProgramCommand, long?, Action{string}?, Action{string}?)"/>
    /// <param name="place">The program's folders.</param>
    /// <param name="keepsPlace">The folders stay when the program ends.</param>
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

    /// <summary>The folders that only this program sees.</summary>
    public ProgramPlace Place { get; }

    /// <summary>The end of its stderr.</summary>
    public OutputTail LastWords { get; } = new();

    /// <summary>Receives the lines of its stderr, in addition to <see cref="LastWords"/>.</summary>
    public Action<string>? Log { get; set; }

    /// <summary>The program was killed because it exceeded its memory limit.</summary>
    public bool WasTooLarge { get; private set; }

    public bool HasEnded => process.HasExited;

    /// <summary>The CPU time of the program and its descendants; null if unknown.</summary>
    public TimeSpan? ProcessorTime => Programs.ProcessorTime.Of(process);

    /// <summary>Time since the program's last output.</summary>
    public TimeSpan SilentFor => Stopwatch.GetElapsedTime(Volatile.Read(ref lastHeard));

    /// <summary>Restarts <see cref="SilentFor"/>.</summary>
    public void ListenFromNow() => Volatile.Write(ref lastHeard, Stopwatch.GetTimestamp());

    /// <summary>Sends a message to the program.</summary>
    /// <exception cref="IOException">The program does not read any more.</exception>
    public async Task TellAsync(JsonObject message, CancellationToken cancellationToken)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(message, ProtocolJson.Default.JsonObject), (byte)'\n'];
        await writing.WaitAsync(cancellationToken);
        try
        {
            // A line that was started is always completed, because half a line would damage the next one. A child process may hold the pipe open after the program has ended.
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

    /// <summary>The program's next message that is not a heartbeat; null if there are no more.</summary>
    /// <exception cref="ProtocolBrokenException">A line is not a message.</exception>
    public async Task<ProgramMessage?> HearAsync(CancellationToken cancellationToken) =>
        await said.Reader.WaitToReadAsync(cancellationToken) && said.Reader.TryRead(out var message) ? message : null;

    /// <summary>Drops what the program wrote since its last task. False if the program is unreliable: it wrote an answer without a task, or a line that is not a message.</summary>
    public bool IsStillGood()
    {
        while (said.Reader.TryRead(out var message))
        {
            using (message)
                if (message.RootElement.GetProperty("type").GetString() is "result" or "error") return false;
        }
        return !HasEnded && !said.Reader.Completion.IsCompleted;
    }

    /// <summary>Closes the program's stdin: no further messages.</summary>
    public void CloseInput()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program does not read any more.
        }
    }

    /// <summary>Waits until its stderr is quiet, at most half a second: what it wrote there before a message may not have been read yet.</summary>
    public async Task CatchUpAsync()
    {
        for (var look = 0; look < MostQuietLooks; look++)
        {
            var before = Volatile.Read(ref lines);
            await Task.Delay(Quiet);
            if (before == Volatile.Read(ref lines)) return;
        }
    }

    /// <summary>Waits until the program has ended.</summary>
    /// <param name="limit">After this time it is killed.</param>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndedAsync(TimeSpan limit)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            Kill("closed its output without exiting");
            await process.WaitForExitAsync();
        }
        await logging.WaitAsync(Echo).ContinueWith(static _ => { }, TaskScheduler.Default);
        return process.ExitCode;
    }

    /// <summary>How the program ended, as a clause: <c>ended with code 1</c>.</summary>
    public string HowItEnded => killedFor ?? process.ExitCode switch
    {
        0 => "ended without a result (code 0)",
        137 => "was killed (SIGKILL: by the system because memory ran out, or by a user)",
        139 => "crashed (SIGSEGV)",
        134 => "crashed (SIGABRT)",
        143 => "was terminated (SIGTERM)",
        127 => "could not be started (code 127)",
        var code => $"ended with code {code}",
    };

    /// <summary>Kills the program and its descendants at once.</summary>
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
            // The program has already ended.
        }
        if (Volatile.Read(ref isGroupOver) == 0) ProcessGroup.Kill(group);
    }

    /// <summary>After the program has ended, kills the rest of its group. Not later, because once the group is empty its id is free, and may soon belong to another.</summary>
    void EndGroup()
    {
        if (Interlocked.Exchange(ref isGroupOver, 1) == 0) ProcessGroup.Kill(group);
    }

    /// <summary>Closes the program's stdin, which tells it to end; kills the program if it does not.</summary>
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

    /// <summary>In a separate task, because reading a pipe cannot be cancelled.</summary>
    async Task ListenAsync(long largestResult)
    {
        var output = new MessageReader(process.StandardOutput.BaseStream, heard: () => Volatile.Write(ref lastHeard, Stopwatch.GetTimestamp()), largestResult);
        try
        {
            while (await output.ReadAsync() is { } message)
            {
                if (message.RootElement.GetProperty("type").ValueEquals("heartbeat"u8)) message.Dispose();
                else await said.Writer.WriteAsync(message);
                // One result at a time: several unread ones would fill the memory.
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
            said.Writer.TryComplete(); // The program has ended.
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
            // The program has ended.
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
            // Nobody reads the log any more.
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
            // The program has ended.
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
                Kill($"used {held / 1_000_000} MB of memory, more than its limit of {limit / 1_000_000} MB (--program-memory)");
            }
        }
        catch (OperationCanceledException)
        {
            // The program has ended.
        }
    }
}
