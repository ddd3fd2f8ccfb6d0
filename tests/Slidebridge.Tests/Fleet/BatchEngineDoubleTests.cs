using System.Text;

namespace Slidebridge.Tests.Fleet;

/// <summary>The test double's own check of signatures, with cases of AWS's Signature Version 4 test suite.</summary>
public sealed class BatchEngineDoubleTests
{
    const string KeyId = "AKIDEXAMPLE", Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    static readonly DateTimeOffset At = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    static SignedRequest Request(string method, string query, string[] headers, string body, string signed, string signature) => new(method, "/", query,
        [
            KeyValuePair.Create("Host", "example.amazonaws.com"), KeyValuePair.Create("X-Amz-Date", "20150830T123600Z"),
            .. headers.Select(h => h.Split(':', 2)).Select(h => KeyValuePair.Create(h[0], h[1])),
            KeyValuePair.Create("Authorization", $"AWS4-HMAC-SHA256 Credential={KeyId}/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}"),
        ], Encoding.UTF8.GetBytes(body));

    static (string Code, string Text)? Check(SignedRequest request) => SignatureVersion4.Check(request, KeyId, Secret, null, "us-east-1", "service", At);

    // Names of the suite: get-vanilla, post-vanilla, get-vanilla-query-order-key-case, post-header-key-sort, get-header-value-trim, post-x-www-form-urlencoded.
    [Theory]
    [InlineData("GET", "", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "", "", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "Param2=value2&Param1=value1", "", "", "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("POST", "", "My-Header1:value1", "", "host;my-header1;x-amz-date", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")]
    [InlineData("GET", "", "My-Header1: value1|My-Header2: \"a   b   c\"", "", "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    [InlineData("POST", "", "Content-Type:application/x-www-form-urlencoded", "Param1=value1", "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")]
    public void A_signature_of_AWS_test_suite_is_right_and_another_one_is_not(string method, string query, string headers, string body, string signed, string signature)
    {
        var lines = headers.Split('|', StringSplitOptions.RemoveEmptyEntries);
        Assert.Null(Check(Request(method, query, lines, body, signed, signature)));
        Assert.Equal("InvalidSignatureException", Check(Request(method, query, lines, body + " ", signed, signature))?.Code);
        Assert.Equal("InvalidSignatureException", Check(Request(method, query, lines, body, signed, signature[1..] + "0"))?.Code);
    }

    [Theory]
    [InlineData("host", "", "IncompleteSignatureException")]
    [InlineData("x-amz-date;host", "", "IncompleteSignatureException")]
    [InlineData("host;x-amz-date", "X-Amz-Security-Token:SOMETHING", "UnrecognizedClientException")]
    [InlineData("host;x-amz-date", "X-Amz-Other:SOMETHING", "IncompleteSignatureException")]
    public void Headers_that_must_be_signed_are_signed(string signed, string header, string code) =>
        Assert.Equal(code, Check(Request("POST", "", header is "" ? [] : [header], "", signed, new string('0', 64)))?.Code);

    [Theory]
    [InlineData(4, false)]
    [InlineData(6, true)]
    [InlineData(-6, true)]
    public void A_signature_is_valid_for_five_minutes(int minutes, bool isExpired)
    {
        var request = Request("GET", "", [], "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
        Assert.Equal(isExpired, SignatureVersion4.Check(request, KeyId, Secret, null, "us-east-1", "service", At.AddMinutes(minutes)) is not null);
        Assert.NotNull(SignatureVersion4.Check(request, KeyId, Secret, null, "eu-central-1", "service", At));
    }
}
