using System.Text;

namespace Slidebridge.Classifiers.Programs;

/// <summary>The end of what a program wrote: the last lines, in bounded memory.</summary>
sealed class OutputTail
{
    const int MostLines = 40, LongestLine = 500;

    readonly Queue<string> lines = [];

    public void Add(string line)
    {
        lock (lines)
        {
            lines.Enqueue(line.Length > LongestLine ? line[..LongestLine] + "…" : line);
            if (lines.Count > MostLines) lines.Dequeue();
        }
    }

    public void Clear()
    {
        lock (lines) lines.Clear();
    }

    /// <summary>The last line that says something: of a Python traceback, the error.</summary>
    public string LastLine
    {
        get
        {
            lock (lines) return lines.LastOrDefault(l => !string.IsNullOrWhiteSpace(l))?.Trim() ?? "";
        }
    }

    public override string ToString()
    {
        lock (lines) return new StringBuilder().AppendJoin('\n', lines).ToString();
    }
}
