namespace Slidebridge.Tasks;

/// <summary>A result that is about to be saved.</summary>
/// <param name="Json">UTF-8 JSON in the platform's schema, exactly as it is posted.</param>
/// <param name="Provenance">What made it, as JSON (<see cref="Provenance.ResultProvenance"/>).</param>
/// <param name="Ledger">The byte ranges that were read for it, as JSON (<see cref="Provenance.ScanLedger"/>); null if no slide was opened.</param>
sealed record ClassifiedResult(byte[] Json, byte[] Provenance, byte[]? Ledger = null);
