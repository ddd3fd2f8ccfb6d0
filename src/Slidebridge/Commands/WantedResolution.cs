using System.CommandLine;
using Slidebridge.Slides;

namespace Slidebridge.Commands;

/// <summary>The resolution of a command's options: a level, micrometres per pixel, or level-0 pixels per pixel; without any, level 0.</summary>
sealed record WantedResolution(int? Level, double? Mpp, double? Downsample, bool AllowUpsampling)
{
    /// <summary>The options, of which one may be given.</summary>
    public sealed class Options
    {
        public Option<int?> Level { get; } = new("--level") { HelpName = "N", Description = "A stored level, 0 is the largest. Default: 0." };

        public Option<string?> Mpp { get; } = new("--mpp") { HelpName = "UM", Description = "Micrometres per pixel of the picture, such as 0.5." };

        public Option<string?> Downsample { get; } = new("--downsample") { HelpName = "N", Description = "Level-0 pixels per pixel of the picture, such as 4." };

        public Option<bool> AllowUpsampling { get; } = new("--allow-upsampling") { Description = "Allow more than twice the slide's detail: its pixels are enlarged." };

        /// <summary>All options.</summary>
        public IEnumerable<Option> All => [Level, Mpp, Downsample, AllowUpsampling];

        /// <exception cref="CommandException">More than one is given, or one is not a number.</exception>
        public WantedResolution From(ParseResult parsed)
        {
            var wanted = new WantedResolution(parsed.GetValue(Level), Positive(parsed, Mpp), Positive(parsed, Downsample), parsed.GetValue(AllowUpsampling));
            if ((wanted.Level is null ? 0 : 1) + (wanted.Mpp is null ? 0 : 1) + (wanted.Downsample is null ? 0 : 1) > 1) throw new CommandException("Give one of --level, --mpp and --downsample.", 2);
            return wanted;
        }

        static double? Positive(ParseResult parsed, Option<string?> option) => parsed.Number(option, number => number is > 0 and < 100_000, "a number above 0, such as 0.5");
    }

    /// <summary>Level-0 pixels per pixel on a slide.</summary>
    /// <exception cref="CommandException">The slide has no such level, or does not say its resolution.</exception>
    public double On(Slide slide)
    {
        if (Level is { } level)
            return level >= 0 && level < slide.Levels.Count ? slide.Levels[level].Downsample : throw new CommandException($"--level must be 0 to {slide.Levels.Count - 1}: the slide has no level {level}.", 2);
        if (Mpp is not { } mpp) return Downsample ?? 1;
        return slide.Mpp is { } own ? mpp * 2 / (own.X + own.Y) : throw new CommandException("The slide does not say its resolution; use --downsample or --level instead of --mpp.", 2);
    }

    /// <summary>A grid of this resolution.</summary>
    public TileGrid Grid(TileGrid grid) => grid with { Level = Mpp is null && Downsample is null ? Level ?? 0 : null, Mpp = Mpp, Downsample = Downsample, AllowUpsampling = AllowUpsampling };
}
