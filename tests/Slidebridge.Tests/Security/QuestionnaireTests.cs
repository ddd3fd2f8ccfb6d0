using System.Reflection;
using System.Text.RegularExpressions;
using Slidebridge.Hosting;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Security;

/// <summary>
/// <c>docs/security-questionnaire.md</c> promises a test for each yes. Here: every requirement has one answer, every answer is complete, and what a row names exists.
/// Whether the sentence is true is checked by the tests that it names.
/// </summary>
public sealed partial class QuestionnaireTests
{
    const string Page = "docs/security-questionnaire.md";

    /// <summary>The numbers of levels 1 and 2 of OWASP ASVS 5.0.0, by section.</summary>
    const string Asvs = """
        1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2 4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3
        6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3
        11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1 12.1:1-3 12.2:1-2 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3 15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3
        17.1:1 17.2:1-4 17.3:1-2
        """;

    sealed record Row(string Number, string Question, string Answer, string Where, string Test)
    {
        public bool IsNo => Answer.StartsWith("no:", StringComparison.Ordinal);

        public bool IsYes => Answer == "yes" || Answer.StartsWith("yes", StringComparison.Ordinal) && !char.IsLetter(Answer[3]);
    }

    static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, Page));

    /// <summary>The rows of five cells: those of the questions. The other tables have six or more.</summary>
    static readonly IReadOnlyList<Row> Rows = [.. Text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
        .Where(cells => cells.Length == 5 && char.IsDigit(cells[0].TrimStart('H').FirstOrDefault())).Select(cells => new Row(cells[0], cells[1], cells[2], cells[3], cells[4]))];

    [Fact]
    public void Each_requirement_of_levels_1_and_2_has_one_answer()
    {
        var asked = Asvs.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).SelectMany(section => Numbers(section.Split(':')[0] + ".", section.Split(':')[1])).ToList();
        Assert.Equal(253, asked.Count);
        var answered = Rows.Where(row => !row.Number.StartsWith('H')).SelectMany(row => Answered(row.Number, asked)).ToList();

        Assert.Empty(answered.GroupBy(number => number).Where(same => same.Count() > 1).Select(same => same.Key));
        Assert.Equal(asked, answered);
        Assert.Equal(Enumerable.Range(1, Rows.Count(row => row.Number.StartsWith('H'))).Select(n => $"H{n}"), Rows.Select(row => row.Number).Where(number => number.StartsWith('H')));
    }

    [Fact]
    public void Each_answer_is_yes_no_or_does_not_apply_and_has_its_reason_its_place_and_its_test()
    {
        foreach (var row in Rows)
        {
            Assert.True(row.IsYes || row.IsNo || row.Answer.StartsWith("does not apply: ", StringComparison.Ordinal), $"{row.Number} is answered '{row.Answer}'");
            Assert.True(!row.IsNo || row.Answer.Length > 12, $"{row.Number}: why not?");
            if (!row.IsYes) continue;
            Assert.True(row.Where.Length > 0, $"{row.Number}: where is this configured?");
            Assert.True(NoTest().IsMatch(row.Test) || Tests().IsMatch(row.Test), $"{row.Number}: which test checks this, or why is none possible ('none: …')?");
        }
    }

    [Fact]
    public void Each_test_that_is_named_exists()
    {
        var own = typeof(QuestionnaireTests).Assembly.GetTypes().Where(type => type.Name.EndsWith("Tests", StringComparison.Ordinal)).ToLookup(type => type.Name);
        var others = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Slidebridge.EndToEnd"), "*Tests.cs", SearchOption.AllDirectories).ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        var missing = new List<string>();
        foreach (var row in Rows.Where(row => row.Test.Length > 0 && !NoTest().IsMatch(row.Test)))
        {
            // Nothing else may stand in the cell.
            if (Tests().Replace(row.Test, "").Trim(' ', ',').Length > 0) missing.Add($"{row.Number}: {row.Test}");
            foreach (Match named in Tests().Matches(row.Test))
            {
                var (suite, name, method) = (named.Groups[1].Value, named.Groups[2].Value, named.Groups[3].Value);
                var exists = suite == "T" ? own[name].Any(type => method.Length == 0 ? type.GetMethods().Any(IsTest) : type.GetMethod(method) is { } found && IsTest(found))
                    : others[name].Any(source => source.Contains($"class {name}", StringComparison.Ordinal) && (method.Length == 0 || Regex.IsMatch(source, $@"\[(Fact|Theory)[\s\S]*public .*\b{method}\(")));
                if (!exists) missing.Add($"{row.Number}: {named.Value}");
            }
        }
        Assert.Empty(missing);

        static bool IsTest(MethodInfo method) => method.GetCustomAttributes().Any(attribute => attribute is FactAttribute);
    }

    [Fact]
    public void Each_setting_and_each_file_that_is_named_exists()
    {
        var flags = ServeSettings.All.Concat(ClientSettings.Own).Select(setting => setting.Flag).ToHashSet();
        var commands = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Slidebridge", "Commands"), "*.cs").Select(File.ReadAllText));
        var (settings, files) = (0, 0);
        foreach (Match code in Codes().Matches(Text))
        {
            foreach (Match flag in Flags().Matches(code.Value))
            {
                settings++;
                Assert.True(flags.Contains(flag.Value) || commands.Contains($"\"{flag.Value}\"", StringComparison.Ordinal), $"{flag.Value} is not a setting");
            }
            if (!FileName().IsMatch(code.Groups[1].Value)) continue;
            files++;
            var path = Path.Combine(Repository.Root, code.Groups[1].Value);
            Assert.True(File.Exists(path) || Directory.Exists(path), $"{code.Groups[1].Value} is not there");
        }
        Assert.InRange(settings, 50, int.MaxValue);
        Assert.InRange(files, 50, int.MaxValue);
        // A setting that is named as the place of an answer stands there as code.
        Assert.All(Rows, row => Assert.DoesNotMatch("(^|[^`])--[a-z]", Codes().Replace(row.Where, "")));
    }

    [Fact]
    public void Every_no_is_listed_at_the_end() =>
        GeneratedPart.AssertIsCurrent(Page, "noes", string.Join('\n', Rows.Where(row => row.IsNo).Select(row => $"- **{row.Number}** {row.Question} No: {row.Answer[3..].Trim()}.")));

    /// <summary>"10.4.1–10.4.11" stands for those between, too.</summary>
    static IEnumerable<string> Answered(string number, List<string> asked)
    {
        var ends = number.Split('–');
        var (from, to) = (asked.IndexOf(ends[0]), asked.IndexOf(ends[^1]));
        Assert.True(from >= 0 && to >= from, $"{number} is not a requirement of level 1 or 2");
        return asked[from..(to + 1)];
    }

    static IEnumerable<string> Numbers(string section, string range) => range.Split('-') is var ends ? Enumerable.Range(int.Parse(ends[0], null), int.Parse(ends[^1], null) - int.Parse(ends[0], null) + 1).Select(n => section + n) : [];

    [GeneratedRegex(@"^none: .{5,}$")]
    private static partial Regex NoTest();

    [GeneratedRegex(@"\b([TE]) `(\w+Tests)(?:\.(\w+))?`")]
    private static partial Regex Tests();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Codes();

    [GeneratedRegex("(?<![a-z-])--[a-z][a-z-]*")]
    private static partial Regex Flags();

    [GeneratedRegex(@"^(deploy|docs|src|tests|examples)/|^[\w.]+\.(md|props)$|^Dockerfile$")]
    private static partial Regex FileName();
}
