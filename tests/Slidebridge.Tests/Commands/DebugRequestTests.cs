using Slidebridge.Commands;

namespace Slidebridge.Tests.Commands;

public sealed class DebugRequestTests
{
    [Fact]
    public void Line_breaks_inside_strings_are_taken_out_and_the_token_is_renamed()
    {
        var request = DebugRequest.Parse("""
            Debug request for this task:
            {
              "task_id": "dGFzazoxODU3MTQ=",
              "scans": {"8061860": "https://s3.example/files_uuid/1414532c?X-Amz-Date=20260101T00
                0000Z\u0026X-Amz-Expires=3600
            \u0026X-Amz-Signature=ab\"c"},
              "token": "aaa.bb
            b.ccc"
            }
            (copied on Monday)
            """);

        Assert.Equal("https://s3.example/files_uuid/1414532c?X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-Signature=ab\"c", (string?)request["scans"]!["8061860"]);
        Assert.Equal("aaa.bbb.ccc", (string?)request["jwt_token"]);
        Assert.False(request.ContainsKey("token"));
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_it() => Assert.Equal(1, (int?)DebugRequest.Parse("\uFEFF{\"task_id\": 1}")["task_id"]);

    [Theory]
    [InlineData("nothing here", "There is no JSON object")]
    [InlineData("{\"a\": }", "not valid JSON")]
    [InlineData("{\"a\": 1,\n\"a\": 1}", "the key 'a' is there twice ($.a; the second at line 2, byte 1)")]
    [InlineData("{\"a\": \"unfinished", "not valid JSON")]
    public void What_is_no_request_is_said_in_one_sentence(string pasted, string expected) =>
        Assert.Contains(expected, Assert.Throws<CommandException>(() => DebugRequest.Parse(pasted)).Message);
}
