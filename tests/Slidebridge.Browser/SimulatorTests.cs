using Microsoft.Playwright;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Browser;

/// <summary>The pages of the platform's simulator: the loop from the choice of a slide to the boxes on it, as a person goes it.</summary>
public sealed class SimulatorTests
{
    [Fact]
    public async Task A_request_by_hand_ends_with_the_four_boxes_on_the_slide()
    {
        var bridge = await SharedBridge.BridgeAsync();
        await using var visit = await Visit.StartAsync(bridge.Platform.Address);
        var page = await visit.OpenAsync("/");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = TestBridge.RealSlide }).CheckAsync();
        await page.GetByLabel($"Stain of {TestBridge.RealSlide}").FillAsync("Ki67");
        await page.GetByLabel("Model").FillAsync("mitosis");
        await page.GetByLabel("Webhook").FillAsync(new Uri(bridge.Address, "/webhook").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Create AI request" }).ClickAsync();

        // The page of the case renews itself when the result has come.
        await page.WaitForURLAsync("**/cases/*");
        await Assertions.Expect(page.Locator("#evaluations")).ToContainTextAsync("mitosisCount");
        await Assertions.Expect(page.Locator("#requests")).ToContainTextAsync("mitosis");
        await Assertions.Expect(page.Locator("#requests")).ToContainTextAsync("201");
        var task = bridge.Platform.State.Tasks[^1];
        Assert.Contains("\"stain_code\":\"KI67\"", task.Body, StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Objects on the slide" }).ClickAsync();
        await page.WaitForSelectorAsync("#viewer[data-state=open]");
        await visit.SettleAsync();
        await Assertions.Expect(page.Locator("#objects")).ToContainTextAsync("4 objects");
        await page.Locator("#objects table button").First.ClickAsync();
        await Assertions.Expect(page.Locator(".objects-selected")).ToContainTextAsync("tissue_tumor_positive");
    }

    [Fact]
    public async Task A_request_without_a_call_shows_its_debug_note_and_a_dead_webhook_is_said()
    {
        var bridge = await SharedBridge.BridgeAsync();
        await using var visit = await Visit.StartAsync(bridge.Platform.Address);
        var page = await visit.OpenAsync("/");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = TestBridge.RealSlide }).UncheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create AI request" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToHaveTextAsync("Choose a slide first.");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = TestBridge.RealSlide }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create AI request" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("The webhook cannot be reached");

        await page.GetByRole(AriaRole.Button, new() { Name = "debug note" }).ClickAsync();
        await page.WaitForURLAsync("**/tasks/*/note");
        await Assertions.Expect(page.Locator("#note")).ToContainTextAsync("\"token\":");
    }

    [Fact]
    public async Task Faults_are_switched_on_and_off_by_buttons()
    {
        var bridge = await SharedBridge.BridgeAsync();
        await using var visit = await Visit.StartAsync(bridge.Platform.Address);
        var page = await visit.OpenAsync("/faults");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch on" }).First.ClickAsync();
        await Assertions.Expect(page.Locator("#planned tbody tr")).ToHaveCountAsync(1);
        await page.GetByLabel("Endpoint").SelectOptionAsync("case");
        await page.GetByLabel("Action").SelectOptionAsync("delay");
        await page.GetByLabel("Times").FillAsync("");
        await page.Locator("#fault button").ClickAsync();
        await Assertions.Expect(page.Locator("#planned tbody tr").Nth(1)).ToContainTextAsync("case (triage)waits 1 salways");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch all off" }).ClickAsync();
        await Assertions.Expect(page.Locator("#planned")).ToContainTextAsync("None");
        Assert.Empty(bridge.Platform.Faults.Waiting);
    }

    [Fact]
    public async Task Its_pages_keep_nobody_out()
    {
        var (bridge, number, scan) = await SharedBridge.CompletedAsync();
        var of = bridge.Platform.State.Find(number)!.CaseNumber;
        await using var visit = await Visit.StartAsync(bridge.Platform.Address);
        foreach (var path in (string[])["/", "/faults", $"/cases/{of}", $"/cases/{of}/scans/{scan}", $"/tasks/{number}/note"])
        {
            await visit.OpenAsync(path);
            if (path.Contains("/scans/", StringComparison.Ordinal)) await visit.SettleAsync();
            await AccessibilityTests.AssertOpenToAllAsync(visit, path);
        }
    }
}
