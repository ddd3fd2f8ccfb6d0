namespace Slidebridge.Fuzz.Seeds;

/// <summary>All seeds that can be made on this machine, in a fixed order. Same machine, same bytes.</summary>
sealed class SeedCollection
{
    readonly List<Seed> seeds = [];

    /// <summary>Seeds that could not be made, with what is missing.</summary>
    public List<string> Missing { get; } = [];

    public IReadOnlyList<Seed> All => seeds;

    /// <summary>Makes them, which takes about a second.</summary>
    public static async Task<SeedCollection> MakeAsync()
    {
        var collection = new SeedCollection();
        TiffSeeds.AddTo(collection);
        DicomSeeds.AddTo(collection);
        await WrittenSeeds.AddToAsync(collection);
        WildSeeds.AddTo(collection);
        SharedSeeds.AddTo(collection);
        ZipSeeds.AddTo(collection);
        Texts.TextSeeds.AddTo(collection);
        return collection;
    }

    public void Add(string name, params byte[][] objects) => seeds.Add(new Seed(name, name[..name.IndexOf('-', StringComparison.Ordinal)], objects));

    /// <summary>Adds a seed whose making takes a program or a library that may be missing.</summary>
    public void TryAdd(string name, Func<byte[]> make)
    {
        try
        {
            Add(name, make());
        }
        catch (Exception e) when (e is DllNotFoundException or Xunit.Sdk.XunitException || e.GetType().Name == "SkipException")
        {
            Missing.Add($"{name}: {e.Message}");
        }
    }

    public Seed this[string name] => seeds.Find(seed => seed.Name == name) ?? throw new ArgumentException($"There is no seed \"{name}\": --list shows them.");
}
