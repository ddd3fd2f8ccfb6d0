using System.CommandLine;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge slide thumbnail</c>: writes a small picture of the whole slide.</summary>
static class SlideThumbnailCommand
{
    const int MostEdge = 16_384;

    public static Command Create()
    {
        var slide = SlideCommand.Slide();
        var output = PictureOutput.Argument();
        var size = new Option<int>("--size") { HelpName = "PIXELS", Description = $"Maximum longer edge, 1 to {MostEdge}. The picture is never larger than the slide.", DefaultValueFactory = _ => 1024 }
            .Accept(edge => edge is >= 1 and <= MostEdge, $"--size must be 1 to {MostEdge} pixels.");
        var (quality, force) = (PictureOutput.Quality(), SlideCommand.Force());
        var command = new Command("thumbnail", """
            Writes a picture of the whole slide, without its label.

            Examples:
              slidebridge slide thumbnail slide.svs slide.png
              slidebridge slide thumbnail https://host/slide small.jpg --size 512
            """)
        { slide, output, size, quality, force };
        return command.Does((parsed, cancellationToken) => PictureOutput.WriteAsync(
            parsed.GetValue(slide)!, parsed.GetValue(output)!, parsed.GetValue(force), parsed.GetValue(quality), "the whole slide",
            from => from.GetThumbnailAsync(parsed.GetValue(size), parsed.GetValue(size), cancellationToken), parsed.InvocationConfiguration.Error, cancellationToken));
    }
}
