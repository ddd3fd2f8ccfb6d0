using System.Text;

namespace Slidebridge.Classifiers.Programs;

/// <summary>The end of a program's output: the last lines, in limited memory.</summary>
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

    /// <summary>The last line that is not empty: in a Python traceback, the error.</summary>
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
