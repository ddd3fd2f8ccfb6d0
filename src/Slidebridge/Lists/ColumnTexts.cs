using Slidebridge.Storage;

namespace Slidebridge.Lists;

/// <summary>The texts that columns name by numbers. 0 stands for a missing text.</summary>
sealed class ColumnTexts
{
    readonly Dictionary<(TaskColumn, string), int> ids = [];
    readonly List<string?> texts = [null];
    readonly List<ColumnValue> added = [];

    public ColumnTexts()
    {
    }

    public ColumnTexts(ColumnTexts known)
    {
        (ids, texts) = (new(known.ids), [.. known.texts]);
    }

    /// <summary>The largest number.</summary>
    public int Last => texts.Count - 1;

    /// <summary>The texts that <see cref="IdOf"/> was the first to ask for.</summary>
    public IReadOnlyList<ColumnValue> Added => added;

    public string? this[long id] => texts[(int)id];

    /// <summary>Adds texts as they are stored.</summary>
    public void Add(IEnumerable<ColumnValue> stored)
    {
        foreach (var value in stored) Add((TaskColumn)value.Column, value.Text, value.Id);
    }

    /// <summary>A text's number, a new one if it has none.</summary>
    public int IdOf(TaskColumn column, string? text)
    {
        if (text is null) return 0;
        if (ids.TryGetValue((column, text), out var id)) return id;
        Add(column, text, id = texts.Count);
        added.Add(new ColumnValue { Id = id, Column = (int)column, Text = text });
        return id;
    }

    /// <summary>Whether every text of these rows has a number.</summary>
    public bool Has(IEnumerable<ListedTask> rows) =>
        rows.All(row => TaskColumns.All.Where(column => column.HasTexts()).All(column => row.TextOf(column) is not { } text || ids.ContainsKey((column, text))));

    /// <summary>Gives every text of some rows a number.</summary>
    public void AddOf(IEnumerable<ListedTask> rows)
    {
        foreach (var row in rows)
            foreach (var column in TaskColumns.All.Where(column => column.HasTexts())) IdOf(column, row.TextOf(column));
    }

    /// <summary>For each number, whether it is of a column's text that a condition chooses.</summary>
    public bool[] Where(TaskColumn column, Func<string?, bool> condition)
    {
        var chosen = new bool[texts.Count];
        chosen[0] = condition(null);
        foreach (var ((of, text), id) in ids)
            if (of == column) chosen[id] = condition(text);
        return chosen;
    }

    void Add(TaskColumn column, string text, int id)
    {
        while (texts.Count <= id) texts.Add(null);
        texts[id] = text;
        ids[(column, text)] = id;
    }
}
