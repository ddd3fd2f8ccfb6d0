using System.Text;
using Slidebridge.Webhook;

namespace Slidebridge.Tests.Webhook;

public sealed class WebhookRequestParserTests
{
    const string Example = """
        {"company_id":"7","scans":{"8061860":"https://s3.example/a?X-Amz-Date=1","8061861":"https://s3.example/b"},
         "scan_urls":{"8061860":["https://s3.example/a?X-Amz-Date=1","https://s3.example/a2"]},
         "stains":{"8061860":{"value":"he","stain_code":"H1","label":"H&E"}},
         "task_id":"dGFzazoxODU3MTQ=","case_id":"aHVtYW5DYXNlOjQy","model_name":"mitosis","jwt_token":"a.b.c","new_field":{"x":[1]}}
        """;

    [Fact]
    public void It_reads_the_platforms_example()
    {
        var request = Parse(Example);

        Assert.Equal(("dGFzazoxODU3MTQ=", 185714L, 42L, "7", "mitosis", "a.b.c"),
            (request.TaskId, request.TaskNumber, request.CaseNumber, request.CompanyId, request.Model, request.Token));
        Assert.Equal(["8061860", "8061861"], request.Scans.Select(s => s.Id));
        Assert.Equal(["https://s3.example/a?X-Amz-Date=1", "https://s3.example/a2"], request.Scans[0].Urls);
        Assert.Equal(new Sdk.Stain("he", "H1", "H&E"), request.Scans[0].Stain);
        Assert.Null(request.Scans[1].Stain);
    }

    [Fact]
    public void A_company_has_a_name_that_an_index_can_hold()
    {
        Assert.Equal(200, Parse(Of(200)).CompanyId!.Length);
        Assert.Equal("$.company_id", Assert.Throws<WebhookRequestException>(() => Parse(Of(201))).Field);

        static string Of(int length) => $$$"""{"task_id":1,"company_id":"{{{new string('x', length)}}}","scans":{"1":"http://h/a"}}""";
    }

    [Fact]
    public void It_drops_tokens_and_URLs_and_keeps_unknown_fields_only_where_it_is_told_to()
    {
        var request = Parse(Example);

        Assert.DoesNotContain("new_field", request.Json);
        Assert.DoesNotContain("http", request.Json);
        Assert.Contains("mitosis", request.Json);
        Assert.Contains("\"new_field\":{\"x\":[1]}", WebhookRequestParser.Parse(System.Text.Encoding.UTF8.GetBytes(Example), keepsUnknown: true).Json);
        Assert.DoesNotContain("a.b.c", request.Json);
        Assert.DoesNotContain("a.b.c", request.ToString());
    }

    [Theory]
    [InlineData("""{"task_id":5,"scans":{"1":"http://h/a"},"token":"t"}""", 5)]
    [InlineData("""{"task_id":"5","scans":{"1":"http://h/a"},"model_id":"m"}""", 5)]
    [InlineData("""{"task_id":"task:5","scans":{"1":"http://h/a"},"stains":{"1":{}},"case_id":null}""", 5)]
    public void It_accepts_every_spelling(string json, long number) => Assert.Equal(number, Parse(json).TaskNumber);

    [Theory]
    [InlineData("", "$")]
    [InlineData("{", "$")]
    [InlineData("[]", "$")]
    [InlineData("null", "$")]
    [InlineData("""{"task_id":1,"task_id":2,"scans":{"1":"http://h/a"}}""", "$")]
    [InlineData("""{"scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":"nonsense","scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":"Y2FzZTo0Mg==","scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":0,"scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":1.5,"scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":1,"case_id":"bm8gaWQ=","scans":{"1":"http://h/a"}}""", "$.case_id")]
    [InlineData("""{"task_id":1}""", "$.scans")]
    [InlineData("""{"task_id":1,"scans":{}}""", "$.scans")]
    [InlineData("""{"task_id":1,"scans":[]}""", "$.scans")]
    [InlineData("""{"task_id":1,"scans":{"x":"http://h/a"}}""", "$.scans")]
    [InlineData("""{"task_id":1,"scans":{"1":"ftp://h/a"}}""", "$.scans['1']")]
    [InlineData("""{"task_id":1,"scans":{"1":"/etc/passwd"}}""", "$.scans['1']")]
    [InlineData("""{"task_id":1,"scans":{"1":7}}""", "$.scans['1']")]
    [InlineData("""{"task_id":1,"scans":{"1":null}}""", "$.scans['1']")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"scan_urls":{"1":"http://h/a"}}""", "$.scan_urls['1']")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"scan_urls":{"1":[3]}}""", "$.scan_urls['1'][0]")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"stains":{"1":"he"}}""", "$.stains['1']")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"jwt_token":5}""", "$.jwt_token")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"jwt_token":"a\r\nX-Evil: 1"}""", "$.jwt_token")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"company_id":{}}""", "$.company_id")]
    public void It_names_the_field_that_it_cannot_take(string json, string field) =>
        Assert.Equal(field, Assert.Throws<WebhookRequestException>(() => Parse(json)).Field);

    static WebhookRequest Parse(string json) => WebhookRequestParser.Parse(Encoding.UTF8.GetBytes(json));
}
