using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Formats.OpenSlide.Reader;

/// <summary>
/// The entry point of this assembly when it is started as a process of its own: it opens one slide with libopenslide and gives its pixels, on orders by stdin.
/// A crash or a hang in the library ends this process and nothing else: docs/decisions/openslide-process.md.
/// </summary>
static class ReaderProgram
{
    static int Main()
    {
        using var orders = Console.OpenStandardInput();
        using var answers = Console.OpenStandardOutput();
        using var reader = new ReaderSession(answers);
        // What the library does happens on a thread of its own, so that the end of the orders, which is the end of the bridge, ends this process whatever the library does.
        using var waiting = new System.Collections.Concurrent.BlockingCollection<byte[]>();
        var work = new Thread(() =>
        {
            try
            {
                foreach (var order in waiting.GetConsumingEnumerable()) reader.Do(order);
            }
            catch (IOException)
            {
                Exit(1); // Nobody listens any more.
            }
        });
        work.Start();
        try
        {
            while (ReaderFrame.Read(orders) is { } order) waiting.Add(order);
        }
        catch (IOException)
        {
            // As at the end.
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
