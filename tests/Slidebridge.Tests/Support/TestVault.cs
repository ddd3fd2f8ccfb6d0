using Microsoft.AspNetCore.DataProtection;
using Slidebridge.Storage;

namespace Slidebridge.Tests.Support;

/// <summary>A vault whose keys live as long as the test.</summary>
static class TestVault
{
    public static TaskVault Create() => new(new EphemeralDataProtectionProvider());
}
