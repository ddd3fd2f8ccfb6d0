namespace Slidebridge.Staging;

/// <summary>Where whole slides are kept, and when.</summary>
/// <param name="Directory">The staging directory; several processes may share it.</param>
/// <param name="Budget">Bytes that it may hold; 0: nothing is staged.</param>
/// <param name="Before">A task that waits or runs and whose URLs live less than this has its slides staged.</param>
sealed record StagingOptions(string Directory, long Budget, TimeSpan Before);
