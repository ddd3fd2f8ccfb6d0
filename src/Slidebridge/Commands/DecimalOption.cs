using System.CommandLine;
using System.Globalization;

namespace Slidebridge.Commands;

/// <summary>An option with a decimal number. The parser's own <c>double</c> would read "0,5" as 5.</summary>
static class DecimalOption
{
    /// <summary>The number; null if the option is not given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">The option.</param>
    /// <param name="holds">Whether a number is valid.</param>
    /// <param name="expected">The valid values, such as "a number above 0, such as 0.5".</param>
    /// <exception cref="CommandException">The value is invalid.</exception>
    public static double? Number(this ParseResult parsed, Option<string?> option, Func<double, bool> holds, string expected) => parsed.GetValue(option) is not { } text ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && holds(number) ? number
        : throw new CommandException($"{option.Name} must be {expected}; '{text}' is not.", 2);
}
