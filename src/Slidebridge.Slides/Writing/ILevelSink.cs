namespace Slidebridge.Slides.Writing;

/// <summary>Receives the encoded tiles of one level, along a row and then down.</summary>
interface ILevelSink
{
    ValueTask WriteAsync(int index, byte[] jpeg, CancellationToken cancellationToken);
}
