using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Security;

public sealed class EncryptionTests
{
    [Fact]
    public async Task What_is_secret_of_a_task_is_encrypted_with_AES_256_GCM_and_a_changed_byte_is_found()
    {
        await using var bridge = await TestBridge.StartAsync();
        var vault = bridge.Services.GetRequiredService<TaskVault>();
        var sealedSecrets = vault.Seal(new TaskSecrets(17, "a-token", null, new Dictionary<string, IReadOnlyList<string>>()));

        Assert.Contains("AES_256_GCM", await File.ReadAllTextAsync(Directory.EnumerateFiles(Path.Combine(bridge.Data, "keys"), "key-*.xml").Single(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("a-token", vault.Open(Task(17, sealedSecrets)).Token);
        Assert.Throws<LostKeyException>(() => vault.Open(Task(18, sealedSecrets)));
        for (var at = 0; at < sealedSecrets.Length; at++)
        {
            var changed = sealedSecrets.ToArray();
            changed[at] ^= 1;
            Assert.Throws<LostKeyException>(() => vault.Open(Task(17, changed)));
        }
    }

    static BridgeTask Task(long number, byte[] secrets) => new() { Number = number, Secrets = secrets, PlatformId = $"task:{number}" };
}
