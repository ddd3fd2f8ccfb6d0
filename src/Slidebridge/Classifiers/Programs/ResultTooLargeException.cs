using System.Globalization;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Programs;

/// <summary>A program's result is larger than the bridge takes.</summary>
static class ResultTooLargeException
{
    /// <param name="bytes">As many as it has; null where it was not read to its end.</param>
    /// <param name="most">As many as it may have.</param>
    public static ClassifierException Of(long? bytes, long most) => new(string.Create(CultureInfo.InvariantCulture,
        $"The program's result has {(bytes is { } known ? $"{known} bytes" : "more bytes")}, more than {most} (--largest-result)."));
}
