using System.CommandLine;
using Slidebridge.Security;
using Slidebridge.Simulator;
using Slidebridge.SimulatorPages;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge simulate</c>: a local simulator of the platform.</summary>
static class SimulateCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { HelpName = "PORT", Description = "The port to listen on, on this machine only.", DefaultValueFactory = _ => 9000 };
        var slides = new Option<string>("--slides") { HelpName = "DIR", Description = "The folder of the slides that requests are made for.", DefaultValueFactory = _ => "." };
        var webhook = new Option<string>("--webhook") { HelpName = "URL", Description = "The webhook that the page proposes.", DefaultValueFactory = _ => "http://127.0.0.1:3000/webhook" };
        var command = new Command("simulate", """
            Simulates the platform on this machine.

            It enforces the documented API rules, and has slides behind presigned URLs, AI requests on demand, and faults on demand:
            docs/simulator.md. Its pages have the platform's own steps: choose slides, create an AI request, see the objects on the slide.
            Only this machine can connect. Exit code: 0 stopped (Ctrl-C, SIGTERM), 1 it cannot run, 2 wrong arguments.

            Example:
              slidebridge simulate --slides ./slides
              slidebridge serve --platform-url http://127.0.0.1:9000 --allow-host 127.0.0.1 --api-key-id local-id --api-key-secret local-secret
              curl -X POST http://127.0.0.1:9000/simulator/requests -H 'Content-Type: application/json' \
                   -d '{"slides":["a.svs"],"webhook":"http://127.0.0.1:3000/webhook"}'
            """)
        { port, slides, webhook };
        return command.Does((parsed, cancellationToken) => RunAsync(parsed.GetValue(port), parsed.GetValue(slides)!, parsed.GetValue(webhook)!, cancellationToken));
    }

    static async Task<int> RunAsync(int port, string slides, string webhook, CancellationToken cancellationToken)
    {
        if (port is < 0 or > 65535) throw new CommandException($"--port: {port} is not a port; it must be 0 to 65535.", 2);
        if (!Directory.Exists(slides)) throw new CommandException($"--slides: the folder {slides} does not exist.", 2);
        if (!Uri.TryCreate(webhook, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) throw new CommandException($"--webhook: {webhook} is not an http or https URL.", 2);
        PrivateFiles.ByDefault();
        var folder = Directory.CreateTempSubdirectory("slidebridge-simulator-");
        try
        {
            var options = new SimulatorOptions { Port = port, SlidesDirectory = slides, OnEvent = e => Console.Out.WriteLine(e) };
            await using var simulator = await StartAsync(SimulatorPages.SimulatorPages.With(options, new SimulatorPageOptions(address), folder.FullName), cancellationToken);
            await Console.Out.WriteLineAsync($"The simulator of the platform listens on {simulator.Address}, with the slides in {Path.GetFullPath(slides)}; open this address in a browser. Ctrl-C stops it.");
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // A stopped server is a success.
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task<Simulator.Simulator> StartAsync(SimulatorOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await Simulator.Simulator.StartAsync(options, cancellationToken);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw CommandException.PortIsTaken(options.Port);
        }
    }
}
