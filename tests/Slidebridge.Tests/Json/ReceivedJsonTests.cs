using System.Buffers;
using System.Text;
using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Tests.Json;

/// <summary>JSON as other programs write it.</summary>
public sealed class ReceivedJsonTests
{
    static readonly Encoding[] Encodings = [new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32, new UTF32Encoding(bigEndian: true, byteOrderMark: true)];

    [Fact]
    public void Every_encoding_of_Unicode_is_told_by_its_bytes()
    {
        foreach (var encoding in Encodings)
        {
            foreach (var text in (string[])["{\"a\":\"病理 Ω\"}", "[1]", "\"x\"", "12"])
            {
                var marked = (byte[])[.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
                Assert.Equal(text, Encoding.UTF8.GetString(ReceivedJson.ToUtf8(marked).Span));
                Assert.Equal(text, Encoding.UTF8.GetString(ReceivedJson.ToUtf8(encoding.GetBytes(text)).Span));
            }
        }
        Assert.Equal("{}"u8.ToArray(), ReceivedJson.ToUtf8("\uFEFF\uFEFF{}"u8.ToArray()).ToArray());
        Assert.Empty(ReceivedJson.ToUtf8("\uFEFF"u8.ToArray()).ToArray());
        Assert.Equal("7"u8.ToArray(), ReceivedJson.ToUtf8("7"u8.ToArray()).ToArray());
    }

    [Fact]
    public void Damaged_UTF_16_is_refused() =>
        Assert.Equal("the text is not valid utf-16", Assert.Throws<JsonException>(() => ReceivedJson.ParseNode((byte[])[0xFF, 0xFE, (byte)'"', 0, 0x00, 0xD8, (byte)'"', 0])).Message);

    [Theory]
    [InlineData("{\"a\":1,\"a\":1}", "$.a", "line 1, byte 8")]
    [InlineData("{\n  \"a\": {},\n  \"\\u0061\": {}\n}", "$.a", "line 3, byte 3")]
    [InlineData("[0, {\"a\": [{}, [], {\"b c\": 1, \"d\": {\"b c\": 1}, \"b c\": 2}]}]", "$[1].a[2]['b c']", "line 1, byte 48")]
    [InlineData("{\"x\": {\"a\": 1}, \"y\": {\"a\": 1, \"a\": 2}, \"x\": 1}", "$.y.a", "line 1, byte 31")]
    [InlineData("{\"\": 1, \"\": 2}", "$['']", "line 1, byte 9")]
    public void A_key_that_an_object_has_twice_is_named_with_its_place(string json, string path, string second)
    {
        foreach (var mark in (string[])["", "\uFEFF"])
        {
            var told = Assert.Throws<RepeatedKeyException>(() => ReceivedJson.ParseNode(mark + json));
            Assert.Equal((path, second), (told.Path, told.Second));
            Assert.Contains($"is there twice ({path}; the second at {second})", ReceivedJson.Fault(told), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_no_JSON_is_told_with_its_line() =>
        Assert.Equal("not valid JSON at line 2, byte 5", ReceivedJson.Fault(Assert.ThrowsAny<JsonException>(() => ReceivedJson.ParseNode("{\n\"a\":}"))));

    [Theory]
    [InlineData("", "")]
    [InlineData("\uFEFF", "")]
    [InlineData("\uFEFF\uFEFF{}", "{}")]
    [InlineData("{\uFEFF}", "{\uFEFF}")]
    public void A_line_is_taken_without_the_mark_before_it(string line, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        Assert.Equal(expected, Encoding.UTF8.GetString(ReceivedJson.WithoutMark(new ReadOnlySequence<byte>(bytes))));
        // In parts of one byte, as a pipe may give it.
        var first = new Part(new byte[1]);
        var last = bytes.Aggregate(first, (part, each) => part.Next(each));
        Assert.Equal(expected, Encoding.UTF8.GetString(ReceivedJson.WithoutMark(new ReadOnlySequence<byte>(first, 1, last, 1))));
    }

    sealed class Part : ReadOnlySequenceSegment<byte>
    {
        public Part(byte[] bytes) => Memory = bytes;

        public new Part Next(byte each)
        {
            var next = new Part([each]) { RunningIndex = RunningIndex + Memory.Length };
            base.Next = next;
            return next;
        }
    }
}
