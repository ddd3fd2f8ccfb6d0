using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Requests;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.EndToEnd;

/// <summary>What a real bridge leaves on its disk.</summary>
public sealed class LeftBehindTests
{
    const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_tasks_ended_and_a_clean_stop_no_file_holds_a_token_a_signature_or_a_field_that_is_not_known()
    {
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var folder = Files.Temporary();
        await using var serve = await ServeProcess.StartAsync(platform.Address, folder.Path, more: ["--retry-first", "50ms"]);
        var extra = new JsonObject { ["patient"] = "Rosalind Elsie" };
        var done = await platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide], Webhook = new Uri(serve.Address, "/webhook").ToString(), Count = 3, Extra = extra }, Token);
        var open = (await platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide], Extra = extra }, Token)).Single();
        foreach (var body in (string[])[open.Body.Replace(open.Token, "forged.token.here", StringComparison.Ordinal), open.Body.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)])
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await serve.Http.PostAsync(new Uri("/webhook", UriKind.Relative), content, Token);
            Assert.True(answer.IsSuccessStatusCode);
        }
        while (await serve.CountAsync("completed") < 3 || await serve.CountAsync("failed") < 1) await Task.Delay(20, Token);
        await serve.SignalAsync("TERM");
        Assert.Equal(0, await serve.EndAsync(TimeSpan.FromSeconds(30)));

        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            var content = await File.ReadAllTextAsync(file, Encoding.Latin1, Token);
            foreach (var secret in (string[])["X-Amz-Signature", "files_uuid", "Rosalind", "forged.token", open.Token, .. done.Select(t => t.Token)])
                Assert.False(content.Contains(secret, StringComparison.Ordinal), $"{Path.GetFileName(file)} holds {secret}");
        }
    }

    [Fact]
    public async Task A_data_directory_that_others_can_read_is_closed_at_start_and_every_file_in_it_is_the_bridges_alone()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no modes.");
        if (OperatingSystem.IsWindows()) return;
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var folder = Files.Temporary();
        var data = Directory.CreateDirectory(Path.Combine(folder.Path, "data"));
        data.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        await File.WriteAllTextAsync(Path.Combine(data.FullName, "tasks.db"), "", Token);
        await using var serve = await ServeProcess.StartAsync(platform.Address, data.FullName);
        await platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide], Webhook = new Uri(serve.Address, "/webhook").ToString() }, Token);
        while (await serve.CountAsync("completed") < 1) await Task.Delay(20, Token);
        data.Refresh();
        Assert.Equal(default, data.UnixFileMode & Others);
        var open = data.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(f => (f.UnixFileMode & Others) != 0).Select(f => f.Name);
        Assert.Empty(open);
    }
}
