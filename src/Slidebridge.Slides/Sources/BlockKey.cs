namespace Slidebridge.Slides.Sources;

/// <summary>A block of one remote object.</summary>
/// <param name="Owner">The object's number, see <see cref="BlockCache.NextOwner"/>.</param>
/// <param name="Index">The block's index in it.</param>
readonly record struct BlockKey(long Owner, long Index);
