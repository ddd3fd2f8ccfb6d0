namespace Slidebridge.Workers;

/// <summary>Knows which workers are kept without work.</summary>
interface IKeptWorkers
{
    /// <summary>Whether a worker must not end for being idle.</summary>
    Task<bool> IsKeptAsync(string worker, CancellationToken cancellationToken);
}
