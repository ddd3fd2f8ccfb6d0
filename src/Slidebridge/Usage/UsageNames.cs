using Slidebridge.Lists;

namespace Slidebridge.Usage;

/// <summary>The keys of usage that are texts: company, model, classifier and group.</summary>
sealed class UsageNames
{
    static readonly (UsageKey Key, TaskColumn Column)[] Known = [(UsageKey.Company, TaskColumn.Company), (UsageKey.Model, TaskColumn.Model), (UsageKey.Classifier, TaskColumn.Classifier), (UsageKey.Group, TaskColumn.Group)];

    readonly ColumnTexts texts;
    readonly HashSet<TaskColumn> wanted;

    /// <summary>For each classifier's number, the number of the first classifier with the same short name.</summary>
    readonly int[] classifiers;

    readonly string?[] shortNames;

    UsageNames(ColumnTexts texts, HashSet<TaskColumn> wanted)
    {
        (this.texts, this.wanted) = (texts, wanted);
        var firsts = new Dictionary<string, int>();
        (classifiers, shortNames) = (new int[texts.Last + 1], new string?[texts.Last + 1]);
        for (var id = 1; id < classifiers.Length; id++)
            if ((shortNames[id] = ClassifierName.Of(texts[id])) is { } name) classifiers[id] = firsts.TryGetValue(name, out var first) ? first : firsts[name] = id;
    }

    public static UsageNames Of(IReadOnlyList<UsageKey> keys, ColumnTexts texts) => new(texts, [.. Known.Where(each => keys.Contains(each.Key)).Select(each => each.Column)]);

    public IReadOnlyCollection<TaskColumn> Columns => wanted;

    /// <summary>The columns of some rows; empty: not asked for.</summary>
    public readonly ref struct Keys(ReadOnlySpan<long> company, ReadOnlySpan<long> model, ReadOnlySpan<long> classifier, ReadOnlySpan<long> group, int[] classifiers)
    {
        readonly ReadOnlySpan<long> company = company, model = model, classifier = classifier, group = group;

        public (int Period, int Company, int Model, int Classifier, int Group) At(int row, int period) =>
            (period, company.IsEmpty ? 0 : (int)company[row], model.IsEmpty ? 0 : (int)model[row], classifier.IsEmpty ? 0 : classifiers[classifier[row]], group.IsEmpty ? 0 : (int)group[row]);
    }

    public Keys Ids(TaskRows rows) => new(Of(rows, TaskColumn.Company), Of(rows, TaskColumn.Model), Of(rows, TaskColumn.Classifier), Of(rows, TaskColumn.Group), classifiers);

    ReadOnlySpan<long> Of(TaskRows rows, TaskColumn column) => wanted.Contains(column) ? rows[column] : default;

    /// <summary>A company's name; null if it was not asked for.</summary>
    public string? Company(int id) => wanted.Contains(TaskColumn.Company) ? texts[id] ?? "" : null;

    /// <inheritdoc cref="Company"/>
    public string? Model(int id) => wanted.Contains(TaskColumn.Model) ? texts[id] ?? "" : null;

    /// <inheritdoc cref="Company"/>
    public string? Classifier(int id) => wanted.Contains(TaskColumn.Classifier) ? shortNames[id] ?? "" : null;

    /// <inheritdoc cref="Company"/>
    public string? Group(int id) => wanted.Contains(TaskColumn.Group) ? texts[id] : null;
}
