using Microsoft.Playwright;

namespace Slidebridge.Browser;

/// <summary>A walk without a mouse: from the list to a task, to the viewer, to an object.</summary>
public sealed class KeyboardTests
{
    /// <summary>More than any page has elements that can be reached.</summary>
    const int Most = 120;

    [Fact]
    public async Task Everything_is_reached_with_the_keyboard_alone()
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.OpenAsync($"/tasks?search={task}");

        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await page.EvaluateAsync<string>("() => document.activeElement.textContent"));
        await page.Keyboard.PressAsync("Enter");
        await FocusAsync(page, $"a[href='/tasks/{task}']");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync($"**/tasks/{task}");

        await FocusAsync(page, "button[data-do=delete]");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#question")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("#question")).ToBeHiddenAsync();
        Assert.Equal("delete", await page.EvaluateAsync<string>("() => document.activeElement.dataset.do"));

        await FocusAsync(page, $"a[href='/tasks/{task}/scans/{scan}']");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#viewer[data-state=open]");
        await visit.SettleAsync();
        await FocusAsync(page, "#viewer .openseadragon-canvas");
        var before = await page.EvaluateAsync<double>("() => slidebridge.viewer.viewport.getZoom(false)");
        await page.Keyboard.PressAsync("+");
        await page.WaitForFunctionAsync("before => slidebridge.viewer.viewport.getZoom(false) > before", before);
        // OpenSeadragon still zooms for a moment after the key.
        while (await page.EvaluateAsync<double>("() => slidebridge.viewer.viewport.getZoom(false)") > before * 1.0001) await page.Keyboard.PressAsync("0");
        await page.Keyboard.PressAsync("]");
        Assert.Equal(90, await page.EvaluateAsync<double>("() => slidebridge.viewer.viewport.getRotation(false)"));

        await FocusAsync(page, "#objects table button");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".objects-selected")).ToContainTextAsync("tissue_tumor_positive");
    }

    /// <summary>Presses Tab until the element has the focus.</summary>
    static async Task FocusAsync(IPage page, string selector)
    {
        for (var presses = 0; presses < Most; presses++)
        {
            if (await page.EvaluateAsync<bool>("selector => document.activeElement?.matches(selector) === true", selector)) return;
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"{selector} cannot be reached with the Tab key.");
    }
}
