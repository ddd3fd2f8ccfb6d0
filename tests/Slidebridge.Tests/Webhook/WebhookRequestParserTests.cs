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
    [InlineData("""{"task_id":1,"task_id":2,"scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"stains":{"1":{"value":"he","value":"ki67"}}}""", "$.stains['1'].value")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"unknown":[{},{"a":1,"\u0061":2}]}""", "$.unknown[1].a")]
    [InlineData("""{"task_id":"","scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":9.007199254740994e15,"scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":"5.0","scans":{"1":"http://h/a"}}""", "$.task_id")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"stains":["he"]}""", "$.stains")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"scan_urls":["http://h/a"]}""", "$.scan_urls")]
    [InlineData("\"{\\\"task_id\\\":1,\\\"task_id\\\":2}\"", "$.task_id")]
    [InlineData("\"\\\"{}\\\"\"", "$")]
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
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"stains":{"1":7}}""", "$.stains['1']")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"jwt_token":5}""", "$.jwt_token")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"jwt_token":"a\r\nX-Evil: 1"}""", "$.jwt_token")]
    [InlineData("""{"task_id":1,"scans":{"1":"http://h/a"},"company_id":{}}""", "$.company_id")]
    public void It_names_the_field_that_it_cannot_take(string json, string field) =>
        Assert.Equal(field, Assert.Throws<WebhookRequestException>(() => Parse(json)).Field);

    [Fact]
    public void A_key_that_is_there_twice_is_named_with_its_place()
    {
        var told = Assert.Throws<WebhookRequestException>(() => Parse("{\"task_id\":1,\n \"model_name\":\"a\", \"model_name\":\"b\"}"));
        Assert.Equal("$.model_name: occurs twice, the second time at line 2, byte 20; send it once", told.Message);
    }

    [Theory]
    [InlineData("""{"task_id":5,"scans":{"1":"http://h/a"},"stains":[],"scan_urls":[]}""")]
    [InlineData("""{"task_id":5,"scans":{"1":"http://h/a"},"stains":{"1":[]},"scan_urls":{"1":[]}}""")]
    [InlineData("""{"task_id":5,"scans":{"1":"http://h/a"},"stains":null,"scan_urls":null,"model_name":null,"company_id":null,"jwt_token":null}""")]
    [InlineData("""{"task_id":5,"scans":{"1":"http://h/a"},"case_id":""}""")]
    [InlineData("""{"task_id":5.0,"scans":{"1":"http://h/a"},"case_id":1.79e12}""")]
    [InlineData("""{"task_id":5E0,"scans":{"1":"http://h/a"},"company_id":7.0}""")]
    [InlineData("\uFEFF{\"task_id\":5,\"scans\":{\"1\":\"http://h/a\"}}")]
    [InlineData("\" {\\\"task_id\\\":5,\\\"scans\\\":{\\\"1\\\":\\\"http://h/a\\\"}}\"")]
    public void What_other_senders_make_of_it_is_taken_where_it_means_one_thing_only(string json)
    {
        foreach (var encoding in (Encoding[])[new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32])
        {
            foreach (var mark in (byte[][])[[], encoding.GetPreamble()])
            {
                var request = WebhookRequestParser.Parse((byte[])[.. mark, .. encoding.GetBytes(json)]);
                Assert.Equal((5L, "1", "http://h/a", null), (request.TaskNumber, request.Scans[0].Id, request.Scans[0].Urls[0], request.Scans[0].Stain));
                Assert.DoesNotContain("[]", request.Json, StringComparison.Ordinal);
            }
        }
        Assert.Equal(("5", "7", 1_790_000_000_000L), (Parse("""{"task_id":5.0,"scans":{"1":"http://h/a"}}""").TaskId, Parse("""{"task_id":5,"company_id":7.0,"scans":{"1":"http://h/a"}}""").CompanyId, Parse("""{"task_id":5,"case_id":1.79e12,"scans":{"1":"http://h/a"}}""").CaseNumber));
    }

    [Fact]
    public void A_stain_that_is_a_text_is_its_value_for_the_classifier_too()
    {
        var request = Parse("""{"task_id":5,"scans":{"1":"http://h/a"},"stains":{"1":"he"}}""");
        Assert.Equal(new Sdk.Stain("he", null, null), request.Scans[0].Stain);
        Assert.Equal("""{"task_id":5,"stains":{"1":{"value":"he"}}}""", request.Json);
    }

    static WebhookRequest Parse(string json) => WebhookRequestParser.Parse(Encoding.UTF8.GetBytes(json));
}
