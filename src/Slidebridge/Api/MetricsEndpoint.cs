using Slidebridge.Events;
using Slidebridge.Fleet;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Telemetry;

namespace Slidebridge.Api;

/// <summary><c>/metrics</c>, for Prometheus, which sends the API's token (<c>authorization: { credentials_file: … }</c> of its scrape configuration).</summary>
static class MetricsEndpoint
{
    public static void MapMetrics(this WebApplication app)
    {
        _ = (app.Services.GetRequiredService<TaskGauges>(), app.Services.GetService<EventGauges>(), app.Services.GetService<FleetGauges>());
        app.MapPrometheusScrapingEndpoint("/metrics").For(Role.Viewer).OfAllCompanies();
    }
}
