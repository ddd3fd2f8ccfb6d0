namespace Slidebridge.Storage;

/// <summary>A worker that has asked this bridge for tasks.</summary>
sealed class StoredWorker
{
    public required string Name { get; init; }

    /// <summary>Which start of the worker's process: two processes must not work under one name.</summary>
    public required string Instance { get; set; }

    /// <summary>The name of the token that it shows.</summary>
    public required string Token { get; set; }

    public required string[] Groups { get; set; }

    public required string[] Classifiers { get; set; }

    /// <summary>The worker's version of Slidebridge.</summary>
    public required string Version { get; set; }

    public required string Machine { get; set; }

    public string? Gpu { get; set; }

    /// <summary>When this start of its process first asked.</summary>
    public DateTimeOffset Since { get; set; }

    public DateTimeOffset SeenAt { get; set; }

    /// <summary>When it said that it ends; null: it has not.</summary>
    public DateTimeOffset? LeftAt { get; set; }

    /// <summary>The name as a task's row states it, different from every node's name.</summary>
    public static string NodeOf(string name) => "worker " + name;

    /// <summary>Whether it is at work.</summary>
    public bool IsThere(DateTimeOffset now, TimeSpan lifetime) => LeftAt is null && SeenAt > now - lifetime;
}
