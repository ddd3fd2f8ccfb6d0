using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Slidebridge.Simulator.Slides;
using Slidebridge.Slides;
using Slidebridge.Viewing;

namespace Slidebridge.SimulatorPages;

/// <summary>The slides of the simulator's folder, open while people look at them. They are read from their files: a fault of the simulator does not disturb the viewer.</summary>
sealed class SimulatedSlides(SlideLibrary library, OpenSlides open)
{
    /// <summary>The open slide, until the lease is disposed; null: the folder has no such slide.</summary>
    /// <param name="name">The slide's name in the folder.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="SlidebridgeException">The slide cannot be opened, and why.</exception>
    public async Task<OpenSlides.Lease?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        if (library.Find(name) is not { } files) return null;
        var key = KeyOf(files);
        return await open.OpenAsync(key, name, async stop =>
        {
            var slide = await Slide.OpenAsync(files, new SlideOptions(), stop);
            return new ViewedSlide(slide, key, isCopy: false, slide);
        }, cancellationToken);
    }

    /// <summary>The slide with this key, if it is open.</summary>
    public OpenSlides.Lease? Find(string key, string name) => open.Find(key, name);

    /// <summary>Changes when a file is replaced.</summary>
    static string KeyOf(string[] files)
    {
        var states = files.Select(path => new FileInfo(path)).Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', states))))[..16];
    }
}
