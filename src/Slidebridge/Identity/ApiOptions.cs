namespace Slidebridge.Identity;

/// <param name="Token">The token of <c>--api-token</c>, which is an admin's; or null.</param>
/// <param name="IsLoopback">The bridge listens only on this machine's loopback addresses.</param>
/// <param name="IsBehindProxy">A proxy in front of the bridge passes other machines' calls on.</param>
/// <param name="SignIn">How people sign in with a browser; null: they do not.</param>
/// <param name="ClientCertificates">Which client certificates may do what; null: none is accepted.</param>
sealed record ApiOptions(string? Token, bool IsLoopback, bool IsBehindProxy = false, SignInOptions? SignIn = null, ClientCertificateOptions? ClientCertificates = null)
{
    /// <summary>Callers on this machine are admins. With <c>--api-token</c>, they need a token too; and if other machines can connect, an unnoticed proxy could make remote callers look local.</summary>
    public bool TrustsThisMachine => Token is null && IsLoopback && !IsBehindProxy && SignIn is null && ClientCertificates is null;

    /// <summary>The default ToString prints all members, and the token must not be printed.</summary>
    public override string ToString() => TrustsThisMachine ? "this machine, and named tokens" : "tokens";
}
