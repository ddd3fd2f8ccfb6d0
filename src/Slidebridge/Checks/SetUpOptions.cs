using Slidebridge.Classifiers.Catalog;
using Slidebridge.Events;
using Slidebridge.Security;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;
using Slidebridge.Webhook;

namespace Slidebridge.Checks;

/// <summary>The options whose effect can be checked on a machine.</summary>
sealed record SetUpOptions(
    string Data,
    StagingOptions Staging,
    FreeSpaceOptions FreeSpace,
    DatabaseOptions Database,
    KeyRingOptions KeyRing,
    PlatformOptions Platform,
    NodeOptions Node,
    WebhookOptions Webhook,
    OutboundOptions Outbound,
    ClassifierOptions Classifier,
    EventOptions Events);
