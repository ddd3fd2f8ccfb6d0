namespace Slidebridge.Techcyte;

/// <summary>Registers the platform's client.</summary>
static class PlatformServices
{
    public static IServiceCollection AddPlatformClient(this IServiceCollection services)
    {
        services.AddKeyedSingleton("platform", (_, _) => new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // Following a redirect could post twice.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(15),
        })
        { Timeout = Timeout.InfiniteTimeSpan });
        services.AddSingleton(s => new ApiKeyTokens(Http(s), s.GetRequiredService<PlatformOptions>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new PlatformClient(Http(s), s.GetRequiredService<PlatformOptions>(), s.GetRequiredService<ApiKeyTokens>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IResultPlatform>(s => s.GetRequiredService<PlatformClient>());
        return services;
    }

    static HttpClient Http(IServiceProvider services) => services.GetRequiredKeyedService<HttpClient>("platform");
}
