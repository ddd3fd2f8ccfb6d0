using System.Text.RegularExpressions;

namespace Slidebridge.SimulatorPages;

/// <summary>What the pages begin with.</summary>
/// <param name="Webhook">The webhook that the form proposes.</param>
sealed partial record SimulatorPageOptions(Uri Webhook)
{
    /// <summary>The address of the pages of the bridge that the form proposes; null: the webhook is not a bridge's.</summary>
    public Uri? Bridge => BridgeOf(Webhook);

    /// <summary>The address of the pages of the bridge that has this webhook.</summary>
    public static Uri? BridgeOf(Uri? webhook) => webhook is not null && Path().Match(webhook.AbsolutePath) is { Success: true } found ? new Uri(webhook, found.Groups[1].Value) : null;

    /// <summary>The bridge's own path, and the webhook's with or without a key.</summary>
    [GeneratedRegex("^(.*/)webhook(/[^/]*)?$")]
    private static partial Regex Path();
}
