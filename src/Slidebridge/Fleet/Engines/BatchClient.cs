using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Transform;

namespace Slidebridge.Fleet.Engines;

/// <summary>
/// The AWS SDK's client for AWS Batch, which has no package here: operations are a name and JSON. The SDK finds and refreshes credentials, signs, corrects its clock and retries.
/// </summary>
/// <param name="credentials">Null: those that the SDK finds.</param>
sealed class BatchClient(BatchClient.Settings settings, AWSCredentials? credentials) : AmazonServiceClient(credentials, settings)
{
    /// <summary>Calls an operation once or, after a refusal by throttling or a wrong clock, again. Operations that may be repeated are repeated after other transient failures too.</summary>
    /// <returns>The answer's body.</returns>
    public async Task<byte[]> CallAsync(string operation, byte[] json, bool isRepeatable, CancellationToken cancellationToken)
    {
        var options = new InvokeOptions { RequestMarshaller = new Marshalling(), ResponseUnmarshaller = new Unmarshalling() };
        return (await InvokeAsync<Answer>(new Call(operation, json, isRepeatable), options, cancellationToken)).Body;
    }

    protected override IServiceMetadata ServiceMetadata { get; } = new Metadata();

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.AddHandlerAfter<Marshaller>(new SignatureVersion4());
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(new Retries(Config)));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) settings.Dispose();
    }

    /// <summary>Where Batch is, and how it is called.</summary>
    internal sealed class Settings : ClientConfig, IDisposable
    {
        readonly LimitedClient http = new();

        public Settings(string region, Uri? endpoint) : base(new Defaults())
        {
            (ServiceId, AuthenticationServiceName, AuthenticationRegion) = ("Batch", "batch", region);
            ServiceURL = endpoint?.GetLeftPart(UriPartial.Authority) ?? $"https://batch.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}";
            // A connection that broke may have carried the request: only Retries decides what is sent again.
            (RetryMode, MaxErrorRetry, MaxStaleConnectionRetries) = (RequestRetryMode.Standard, 2, 0);
            HttpClientFactory = http;
        }

        public override string ServiceVersion => "2016-08-10";

        public override string UserAgent => "slidebridge";

        public override string RegionEndpointServiceName => "batch";

        public override Amazon.Runtime.Endpoints.Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) => new(ServiceURL);

        public void Dispose() => http.Dispose();
    }

    sealed class Defaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) =>
            new DefaultConfiguration { Name = DefaultConfigurationMode.Standard, RetryMode = RequestRetryMode.Standard };
    }

    sealed class Metadata : IServiceMetadata
    {
        public string ServiceId => "Batch";

        public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();
    }

    sealed class Call(string operation, byte[] json, bool isRepeatable) : AmazonWebServiceRequest
    {
        public string Operation => operation;

        public byte[] Json => json;

        public bool IsRepeatable => isRepeatable;
    }

    sealed class Answer : AmazonWebServiceResponse
    {
        public byte[] Body { get; init; } = [];
    }

    sealed class Marshalling : IMarshaller<IRequest, AmazonWebServiceRequest>
    {
        public IRequest Marshall(AmazonWebServiceRequest input)
        {
            var call = (Call)input;
            return new DefaultRequest(call, "Batch") { HttpMethod = "POST", ResourcePath = $"/v1/{call.Operation.ToLowerInvariant()}", Content = call.Json, Headers = { ["Content-Type"] = "application/json" } };
        }
    }

    sealed class Unmarshalling : JsonResponseUnmarshaller
    {
        public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
        {
            using var body = new MemoryStream();
            input.Stream.CopyTo(body);
            return new Answer { Body = body.ToArray() };
        }

        public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
        {
            var reader = new Amazon.Runtime.Internal.Util.StreamingUtf8JsonReader(input.Stream);
            var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);
            return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
        }
    }

    sealed class SignatureVersion4 : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
    }

    sealed class Retries(IClientConfig config) : StandardRetryPolicy(config)
    {
        public override Task<bool> RetryForExceptionAsync(IExecutionContext executionContext, Exception exception) =>
            ((Call)executionContext.RequestContext.OriginalRequest).IsRepeatable ? base.RetryForExceptionAsync(executionContext, exception) : Task.FromResult(IsThrottlingError(exception));
    }

    /// <summary>One HTTP client, which refuses answers over <see cref="MaxAnswer"/>.</summary>
    sealed class LimitedClient : HttpClientFactory, IDisposable
    {
        readonly HttpClient http = new(new Limit { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) } });

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public void Dispose() => http.Dispose();
    }

    /// <summary>Bytes.</summary>
    internal const int MaxAnswer = 4 << 20;

    sealed class Limit : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            try
            {
                await response.Content.LoadIntoBufferAsync(MaxAnswer, cancellationToken);
                return response;
            }
            catch (Exception e)
            {
                response.Dispose();
                if (e is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }) throw new InvalidDataException($"the answer has more than {MaxAnswer >> 20} MiB", e);
                throw;
            }
        }
    }
}
