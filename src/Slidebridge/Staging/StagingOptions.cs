namespace Slidebridge.Staging;

/// <summary>Where slides are copied to, and when.</summary>
/// <param name="Directory">The staging directory; several processes may share it.</param>
/// <param name="Budget">Maximum bytes in the directory; 0: nothing is copied.</param>
/// <param name="Before">The slides of a waiting or running task are copied when its URLs expire within this time.</param>
sealed record StagingOptions(string Directory, long Budget, TimeSpan Before);
