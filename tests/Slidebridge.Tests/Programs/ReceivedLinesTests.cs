using System.Text;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Commands;
using Slidebridge.Tests.Commands;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Programs;

/// <summary>What programs write that speak JSON in their own way.</summary>
public sealed class ReceivedLinesTests
{
    const string Result = """{"scanResults":[{"scanId":"1","results":{"summary":"ok"}}],"caseResults":[]}""";

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task A_byte_order_mark_before_a_line_is_left_out_whichever_line_it_is(int length)
    {
        var result = $$$"""{"type":"result","taskId":1,"results":{"filling":"{{{new string('x', length)}}}"}}""";
        var text = $"\uFEFF{{\"type\":\"ready\"}}\r\n\uFEFF\r\n\uFEFF\uFEFF{{\"type\":\"heartbeat\"}}\n\uFEFF{result}";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var reader = new MessageReader(stream, () => { }, 90_000);
        using (var ready = await reader.ReadAsync()) Assert.Equal("ready", ready!.Type);
        using (var heartbeat = await reader.ReadAsync()) Assert.Equal("heartbeat", heartbeat!.Type);
        if (length == 1)
        {
            using var found = await reader.ReadAsync();
            Assert.Equal("""{"filling":"x"}""", Encoding.UTF8.GetString(found!.Results!));
        }
        else await Assert.ThrowsAnyAsync<Sdk.ClassifierException>(() => reader.ReadAsync()); // It is still known to be a result, and too large a one.
    }

    [Theory]
    [InlineData("""{"type":"progress","scan":"1","fraction":1,"scan":"2"}""", "the key 'scan' is there twice ($.scan; the second at line 1, byte 44)")]
    [InlineData("""{"type":"result","taskId":1,"results":{},"taskId":2}""", "the key 'taskId' is there twice ($.taskId; the second at line 1, byte 42)")]
    [InlineData("""{"type":"result","results":{},"taskId":1,"results":{"a":1}}""", "the key 'results' is there twice ($.results; the second at line 1, byte 42)")]
    public async Task A_key_that_is_there_twice_is_named_with_its_place(string line, string told)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(line + "\n"));
        var broken = await Assert.ThrowsAsync<ProtocolBrokenException>(() => new MessageReader(stream, () => { }, 1 << 20).ReadAsync());
        Assert.Contains(told, broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_begins_each_line_with_a_mark_and_writes_empty_objects_as_lists_runs()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("mark.sh"), $$"""
            printf '\357\273\277{"type":"ready","protocol":1}\r\n'
            while read -r line; do
              printf '\357\273\277{"type":"result","taskId":1,"results":%s}\r\n' '{{Result}}'
            done
            """, TestContext.Current.CancellationToken);
        await AssertRunsAsync(folder, $"exec:sh '{folder.File("mark.sh")}'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_script_may_write_its_result_with_a_mark_or_as_UTF_16(bool isUtf16)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("result.json"), Result, isUtf16 ? Encoding.Unicode : new UTF8Encoding(true), TestContext.Current.CancellationToken);
        await AssertRunsAsync(folder, $"one-shot:cat '{folder.File("result.json")}' > \"$SLIDEBRIDGE_RESULT\"");
    }

    static async Task AssertRunsAsync(TemporaryFolder folder, string classifier)
    {
        var slide = await PaintedSlide.WriteAsync(folder, 300, 200, (_, _) => PaintedSlide.Eosin);
        var ran = await Ran.AsAsync(RunCommand.Create(Bridge.CreateBuilder([])), slide, "--classifier", classifier, "--out", folder.File("out"), "--json");
        Assert.True(ran.Code == 0, ran.Error);
        Assert.Equal(Result.Replace("[]", "{}", StringComparison.Ordinal), ran.Out.Trim());
    }
}
