using System.CommandLine;
using System.Globalization;

namespace Slidebridge.Commands;

/// <summary>An option that takes a number with decimals. The parser's own <c>double</c> takes "0,5" for 5.</summary>
static class DecimalOption
{
    /// <summary>The number; null where the option is not given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">The option.</param>
    /// <param name="holds">Whether a number can be.</param>
    /// <param name="expected">What it must be, such as "a number above 0, such as 0.5".</param>
    /// <exception cref="CommandException">It is no such number.</exception>
    public static double? Number(this ParseResult parsed, Option<string?> option, Func<double, bool> holds, string expected) => parsed.GetValue(option) is not { } text ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && holds(number) ? number
        : throw new CommandException($"{option.Name} must be {expected}; '{text}' is none.", 2);
}
