using System.Text;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Splits a program's output into lines, and truncates long ones: a program may write endlessly without a line break.</summary>
static class CutLines
{
    const int Longest = 4096;

    public static async IAsyncEnumerable<string> ReadAsync(TextReader text)
    {
        var (read, line, last) = (new char[Longest], new StringBuilder(), '\n');
        while (await text.ReadAsync(read) is > 0 and var count)
        {
            for (var i = 0; i < count; i++)
            {
                var (before, now) = (last, last = read[i]);
                if (now is not ('\n' or '\r'))
                {
                    if (line.Length < Longest) line.Append(now);
                }
                else if (now is '\r' || before is not '\r')
                {
                    yield return line.ToString();
                    line.Clear();
                }
            }
        }
        if (line.Length > 0) yield return line.ToString();
    }
}
