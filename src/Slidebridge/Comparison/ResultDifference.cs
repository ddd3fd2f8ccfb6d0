using System.Text;
using Slidebridge.Objects;

namespace Slidebridge.Comparison;

/// <summary>
/// The objects of one scan in two results, by who has them: both, only the first (A), or only the second (B). Objects of the same class match as in <see cref="ObjectMatching"/>;
/// one whose class differs is therefore only in A and, as another object, only in B.
/// </summary>
sealed class ResultDifference
{
    /// <summary>The classes of the difference.</summary>
    public const string InBoth = "in both", OnlyInA = "only in A", OnlyInB = "only in B";

    readonly ReadOnlyMemory<byte> a, b;
    readonly string scanId;
    readonly Dictionary<string, (bool[] A, bool[] B)> matches = [];

    /// <param name="a">The first result, valid.</param>
    /// <param name="b">The second result, valid.</param>
    /// <param name="scanId">The scan; a result without it has no objects.</param>
    /// <param name="options">When two objects match.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ComparisonException">The scan exceeds a limit.</exception>
    public ResultDifference(ReadOnlyMemory<byte> a, ReadOnlyMemory<byte> b, string scanId, MatchingOptions options, CancellationToken cancellationToken)
    {
        (this.a, this.b, this.scanId) = (a, b, scanId);
        var (ofA, ofB) = (ScanShapes.Read(a.Span, scanId, cancellationToken).Classes, ScanShapes.Read(b.Span, scanId, cancellationToken).Classes);
        foreach (var (name, shapes) in ofA)
        {
            if (!ofB.TryGetValue(name, out var others)) continue;
            var height = RowSpans.HeightFor(shapes, others);
            matches[name] = ObjectMatching.Find(shapes, new RowSpans(shapes, height, cancellationToken), others, new RowSpans(others, height, cancellationToken), options, cancellationToken);
        }
    }

    /// <summary>Passes on the objects of A, then those that only B has. An object that both have is passed on once, as A has it.</summary>
    public void Read(IObjectReceiver receiver)
    {
        new ResultObjects(new Sorter(receiver, name => matches.GetValueOrDefault(name).A, InBoth, OnlyInA)).Read(a.Span, scanId);
        new ResultObjects(new Sorter(receiver, name => matches.GetValueOrDefault(name).B, null, OnlyInB)).Read(b.Span, scanId);
    }

    /// <summary>Gives each object the class of the difference. It counts the objects of each class as <see cref="ScanShapes"/> did, so the n-th object of a class is the same one.</summary>
    /// <param name="receiver">Gets the objects.</param>
    /// <param name="matchesOf">For each object of a class, whether the other result has it too; null: no object of the class.</param>
    /// <param name="shared">The class of objects that both results have; null: they are not passed on.</param>
    /// <param name="alone">The class of the others.</param>
    sealed class Sorter(IObjectReceiver receiver, Func<string, bool[]?> matchesOf, string? shared, string alone) : IObjectReceiver
    {
        readonly byte[]? shared = shared is null ? null : Encoding.UTF8.GetBytes(shared);
        readonly byte[] alone = Encoding.UTF8.GetBytes(alone);
        readonly ClassNames names = new();
        readonly List<int> seen = [];
        readonly List<bool[]?> matches = [];

        public void Receive(in FoundObject found)
        {
            if (found.Shape.VertexCount == 0) return;
            var number = names.NumberOf(found.ClassName);
            if (number == seen.Count)
            {
                seen.Add(0);
                matches.Add(matchesOf(names.Names[number]));
            }
            var isShared = matches[number]?[seen[number]] == true;
            seen[number]++;
            if (isShared && shared is null) return;
            var passed = found;
            passed.ClassName = isShared ? shared : alone;
            passed.Color = 0;
            receiver.Receive(passed);
        }
    }
}
