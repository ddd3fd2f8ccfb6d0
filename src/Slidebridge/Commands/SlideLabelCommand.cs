using System.CommandLine;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge slide label</c>: writes the picture of the slide's label; no other command does.</summary>
static class SlideLabelCommand
{
    public static Command Create()
    {
        var slide = SlideCommand.Slide();
        var output = PictureOutput.Argument();
        var (quality, force) = (PictureOutput.Quality(), SlideCommand.Force());
        var command = new Command("label", """
            Writes the picture of the slide's label.

            The label may show a patient's name: treat the picture as patient data.

            Example:
              slidebridge slide label slide.svs label.png
            """)
        { slide, output, quality, force };
        return command.Does((parsed, cancellationToken) => PictureOutput.WriteAsync(
            parsed.GetValue(slide)!, parsed.GetValue(output)!, parsed.GetValue(force), parsed.GetValue(quality), "the label",
            from => from.AssociatedImages.TryGetValue("label", out var label) ? label.ReadAsync(cancellationToken) : throw new CommandException($"The slide has no label; {SlideCommand.PicturesOf(from)}."),
            parsed.InvocationConfiguration.Error, cancellationToken));
    }
}
