using Slidebridge.Settings;

namespace Slidebridge.Hosting;

/// <summary>Settings of <c>work</c>, in addition to those of classifiers and slides.</summary>
static class WorkSettings
{
    public static readonly Setting<Uri?> Bridge = new("bridge", ValueKind.Optional(ClientSettings.BaseUrl), "The bridge that the worker works for. Without it: the bridge on this machine that has --port.");
    public static readonly Setting<string?> Token = new("token", ValueKind.Optional(ValueKind.Text("TOKEN")), "The worker's token: 'slidebridge workers token add' on the bridge makes one.") { IsSecret = true };
    public static readonly Setting<string?> Name = new("name", ValueKind.Optional(ValueKind.Name("NAME")), "The worker's name, unique among those at work. Without it: the machine's name with a number.");
    public static readonly Setting<TimeSpan?> UntilIdle = new("until-idle", ValueKind.OptionalValue(ValueKind.Time(TimeSpan.FromSeconds(1))), "End after this time without work. Without it, the worker does not end by itself.");
    public static readonly Setting<int?> Tasks = new("tasks", ValueKind.OptionalValue(ValueKind.Number(1, int.MaxValue)), "End after this many tasks.");
    public static readonly Setting<int> Ahead = new("ahead", ValueKind.Number(0, 32), "Tasks that are fetched, and whose slides are opened, while others are classified.") { Default = "1" };
    public static readonly Setting<TimeSpan> BridgeWait = new("bridge-wait", ValueKind.Time(), "How long to wait for a bridge that cannot be reached. A finished result is kept meanwhile.") { Default = "30m" };
    public static readonly Setting<string?> Notice = new("notice", ValueKind.Optional(ValueKind.Text("FILE_OR_URL")), "Release all tasks and end when this file exists or this URL answers 200: the notice that a rented machine is about to be taken away. On AWS: http://169.254.169.254/latest/meta-data/spot/instance-action.");
    public static readonly Setting<string?> WorkData = new("work-data", ValueKind.Optional(ValueKind.Text("DIR")), "Directory for results that the bridge has not taken yet, and for temporary files: the next start with it sends them. Without it: a new temporary directory.");

    /// <summary>The settings that the bridge itself does not have.</summary>
    public static readonly IReadOnlyList<Setting> Own = [Bridge, Token, Name, UntilIdle, Tasks, Ahead, BridgeWait, WorkData, Notice];

    /// <summary>Every setting of a worker.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        .. Own, ServeSettings.Group, ServeSettings.Concurrency, .. ServeSettings.OfClassifiers, ServeSettings.ClassifierLog, ServeSettings.AllowHost, ServeSettings.SlideHost, ServeSettings.DenyNetwork, ServeSettings.OpenTimeout,
        ServeSettings.Port, ClientSettings.TlsCa, ServeSettings.LogLevel, ServeSettings.LogFormat,
    ];
}
