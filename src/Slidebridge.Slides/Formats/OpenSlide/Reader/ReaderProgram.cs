using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>
/// The entry point of this assembly when it runs as a separate process: opens one slide with libopenslide and returns its pixels, controlled by orders on stdin.
/// If the library crashes or hangs, only this process ends: docs/decisions/openslide-process.md.
/// </summary>
static class ReaderProgram
{
    static int Main()
    {
        using var orders = Console.OpenStandardInput();
        using var answers = Console.OpenStandardOutput();
        using var reader = new ReaderSession(answers);
        // The library runs on a separate thread. When the orders end (the bridge has ended), this process ends, even if the library hangs.
        using var waiting = new System.Collections.Concurrent.BlockingCollection<byte[]>();
        var work = new Thread(() =>
        {
            try
            {
                foreach (var order in waiting.GetConsumingEnumerable()) reader.Do(order);
            }
            catch (IOException)
            {
                Exit(1); // The bridge does not read any more.
            }
        });
        work.Start();
        try
        {
            while (ReaderFrame.Read(orders) is { } order) waiting.Add(order);
        }
        catch (IOException)
        {
            // The same as at the end of the orders.
        }
        Exit(0);
        return 0;
    }

    static void Exit(int code)
    {
        if (OperatingSystem.IsWindows()) Environment.Exit(code);
        NativeExit(code);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    static extern void NativeExit(int code);
}
