using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Fleet;

/// <summary>An answer of a test's own.</summary>
/// <param name="Code">The status.</param>
/// <param name="Reason">As the API gives it.</param>
/// <param name="Message">As the API gives it.</param>
/// <param name="IsDone">The call takes effect all the same.</param>
/// <param name="RetryAfter">The header, in seconds.</param>
/// <param name="Body">Instead of the API's Status.</param>
sealed record KubernetesFault(int Code, string Reason = "", string Message = "a fault of the test", bool IsDone = false, int? RetryAfter = null, string? Body = null);

/// <summary>
/// The API of a Kubernetes cluster on loopback, as strict as its reference: credentials, the Role of <c>deploy/kubernetes/fleet</c>, paths, query parameters, unknown and missing fields, names and labels, one Job a name, preconditions, selectors, and pages
/// of a snapshot. It has no controllers: tests say what happened to Jobs and pods.
/// </summary>
sealed partial class KubernetesDouble : IAsyncDisposable
{
    public const string Token = "eyJhbGciOiJSUzI1NiJ9.a-token-of-a-test.c2lnbmF0dXJl", Namespace = "slides";

    static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.General)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new KubernetesJson.KubernetesDateTimeConverter(), new KubernetesJson.KubernetesDateTimeOffsetConverter() },
    };

    readonly WebApplication app;
    readonly X509Certificate2? certificate;
    readonly Lock gate = new();
    readonly Dictionary<string, V1Job> jobs = [];
    readonly List<V1Pod> pods = [];
    readonly List<Corev1Event> events = [];
    readonly Dictionary<string, List<object>> snapshots = [];
    readonly ConcurrentQueue<string> calls = new(), wrong = new();
    readonly HashSet<string> rights;
    long version = 1000;

    KubernetesDouble(X509Certificate2? certificate)
    {
        this.certificate = certificate;
        var role = KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "kubernetes", "fleet", "role.yaml")), strict: true).OfType<V1Role>().Single();
        rights = [.. from rule in role.Rules from verb in rule.Verbs from resource in rule.Resources select $"{verb} {resource}"];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    public Uri Address => new(app.Urls.Single());

    /// <summary>The authority of its certificate.</summary>
    public string Pem => certificate!.ExportCertificatePem();

    /// <summary>What the account may do, as <c>create jobs</c>.</summary>
    public ISet<string> Rights => rights;

    public bool HasNamespace { get; set; } = true;

    /// <summary>The fault of a call, such as <c>create jobs</c>, by its number from 1 among all calls; null: none.</summary>
    public Func<string, int, KubernetesFault?> Fault { get; set; } = (_, _) => null;

    /// <summary>Runs before a call is answered.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Calls, as <c>create jobs</c>.</summary>
    public IReadOnlyList<string> Calls => [.. calls];

    public IReadOnlyList<string> Wrong => [.. wrong];

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (gate) return [.. jobs.Keys];
        }
    }

    public static async Task<KubernetesDouble> StartAsync(bool https = false)
    {
        var made = new KubernetesDouble(https ? Certificate() : null);
        await made.app.StartAsync(TestContext.Current.CancellationToken);
        return made;
    }

    static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    /// <summary>What a controller of the cluster did to a Job.</summary>
    public V1Job Job(string name, Action<V1Job>? change = null)
    {
        lock (gate)
        {
            var job = jobs[name];
            if (change is null) return job;
            change(job);
            job.Metadata.ResourceVersion = Next();
            return job;
        }
    }

    /// <summary>The pod that the cluster made for a Job.</summary>
    public V1Pod Pod(string job, Action<V1Pod>? change = null)
    {
        lock (gate)
        {
            var owner = jobs[job];
            var pod = new V1Pod
            {
                Metadata = new()
                {
                    Name = $"{job}-{pods.Count:x5}",
                    NamespaceProperty = Namespace,
                    Uid = Guid.NewGuid().ToString(),
                    ResourceVersion = Next(),
                    CreationTimestamp = DateTime.UtcNow.AddSeconds(pods.Count),
                    Labels = new Dictionary<string, string>(owner.Spec.Template.Metadata.Labels),
                    OwnerReferences = [new() { ApiVersion = "batch/v1", Kind = "Job", Name = job, Uid = owner.Metadata.Uid, Controller = true, BlockOwnerDeletion = true }],
                },
                Spec = Copy(owner.Spec.Template.Spec),
                Status = new() { Phase = "Pending" },
            };
            change?.Invoke(pod);
            pods.Add(pod);
            owner.Metadata.ResourceVersion = Next();
            return pod;
        }
    }

    public void Event(string job, string message, DateTime at)
    {
        lock (gate) events.Add(new() { Metadata = new() { Name = $"{job}.{events.Count}" }, InvolvedObject = new() { Kind = "Job", Name = job, Uid = jobs[job].Metadata.Uid }, Reason = "FailedCreate", Type = "Warning", Message = message, LastTimestamp = at });
    }

    /// <summary>Somebody else deletes a Job. Its pods stay.</summary>
    public void Delete(string job)
    {
        lock (gate) jobs.Remove(job);
    }

    /// <summary>The cluster forgets the snapshots of lists that have further pages.</summary>
    public void ForgetSnapshots()
    {
        lock (gate) snapshots.Clear();
    }

    string Next() => (++version).ToString(CultureInfo.InvariantCulture);

    static T Copy<T>(T value) => KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(value!));

    async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        if (Route().Match(request.Path) is not { Success: true } path)
        {
            await RefuseAsync(context, $"path {request.Path}");
            return;
        }
        var (resource, name) = (path.Groups[2].Value, path.Groups[3].Success ? path.Groups[3].Value : null);
        var call = $"{(request.Method, name) switch { ("POST", null) => "create", ("GET", null) => "list", ("GET", _) => "get", ("DELETE", { }) => "delete", _ => request.Method }} {resource}";
        calls.Enqueue(call);
        await Before(call);
        if (request.Headers.Authorization != $"Bearer {Token}") await WriteAsync(context, new KubernetesFault(401, "Unauthorized", "Unauthorized"));
        else if (!rights.Contains(call) || path.Groups[1].Value != Namespace)
            await WriteAsync(context, new KubernetesFault(403, "Forbidden", $"{resource}.batch is forbidden: User \"system:serviceaccount:slides:bridge\" cannot {call.Split(' ')[0]} resource \"{resource}\" in API group \"batch\" in the namespace \"{path.Groups[1].Value}\""));
        else if (Query(request, call) is { } bad) await RefuseAsync(context, bad);
        else if (Fault(call, calls.Count) is { } fault)
        {
            if (fault.IsDone) Do(request, call, name, body);
            await WriteAsync(context, fault);
        }
        else await WriteAsync(context, Do(request, call, name, body));
    }

    /// <summary>The parameters that a call must and may have; null: they are right.</summary>
    static string? Query(HttpRequest request, string call)
    {
        string[] must = call switch
        {
            "create jobs" => ["fieldManager", "fieldValidation"],
            "list events" => ["fieldSelector", "limit"],
            "list jobs" or "list pods" => ["labelSelector", "limit"],
            _ => [],
        };
        if (must.FirstOrDefault(each => string.IsNullOrEmpty(request.Query[each])) is { } missing) return $"{call} without {missing}";
        if (request.Query.Keys.FirstOrDefault(key => !must.Contains(key) && !(key == "continue" && must.Contains("labelSelector")) && !(key == "watch" && request.Query[key] == "false")) is { } unknown) return $"{call} with {unknown}";
        if (must.Contains("limit") && (!int.TryParse(request.Query["limit"], out var limit) || limit is < 1 or > 500)) return $"limit {request.Query["limit"]}";
        if (call == "create jobs" && request.Query["fieldValidation"] != "Strict") return "fieldValidation";
        return request.Method is "POST" or "DELETE" && request.ContentType?.Split(';')[0] != "application/json" ? $"content type {request.ContentType}" : null;
    }

    object Do(HttpRequest request, string call, string? name, string body)
    {
        lock (gate)
        {
            try
            {
                return call switch
                {
                    "create jobs" => Create(JsonSerializer.Deserialize<V1Job>(body, Strict)!),
                    "get jobs" => jobs.TryGetValue(name!, out var job) ? Copy(job) : Missing(name!),
                    "delete jobs" => Delete(name!, JsonSerializer.Deserialize<V1DeleteOptions>(body, Strict)!),
                    "list jobs" => List(request, jobs.Values.Where(j => Selects(request, j.Metadata)), (items, meta) => new V1JobList { ApiVersion = "batch/v1", Kind = "JobList", Metadata = meta, Items = items }),
                    "list pods" => List(request, pods.Where(p => Selects(request, p.Metadata)), (items, meta) => new V1PodList { ApiVersion = "v1", Kind = "PodList", Metadata = meta, Items = items }),
                    "list events" when request.Query["fieldSelector"] == "involvedObject.kind=Job,reason=FailedCreate" => new Corev1EventList { ApiVersion = "v1", Kind = "EventList", Metadata = new() { ResourceVersion = Next() }, Items = events },
                    _ => Bad($"{call} {request.QueryString}"),
                };
            }
            catch (JsonException e)
            {
                return Bad(e.Message);
            }
        }
    }

    KubernetesFault Bad(string why)
    {
        wrong.Enqueue(why);
        return new(400, "BadRequest", why);
    }

    static KubernetesFault Missing(string name) => new(404, "NotFound", $"jobs.batch \"{name}\" not found");

    object Create(V1Job job)
    {
        if (!HasNamespace) return new KubernetesFault(404, "NotFound", $"namespaces \"{Namespace}\" not found");
        if (job is not { ApiVersion: "batch/v1", Kind: "Job" }) return Bad($"{job.ApiVersion} {job.Kind}");
        if (job.Status is not null || job.Metadata is not { Uid: null, ResourceVersion: null, GenerateName: null }) return Bad("fields of the server");
        if (job.Metadata.NamespaceProperty is not (null or Namespace)) return Bad("namespace");
        if (Invalid(job) is { } invalid) return new KubernetesFault(422, "Invalid", $"Job.batch \"{job.Metadata.Name}\" is invalid: {invalid}");
        if (jobs.ContainsKey(job.Metadata.Name)) return new KubernetesFault(409, "AlreadyExists", $"jobs.batch \"{job.Metadata.Name}\" already exists");
        (job.Metadata.Uid, job.Metadata.ResourceVersion, job.Metadata.CreationTimestamp, job.Metadata.NamespaceProperty) = (Guid.NewGuid().ToString(), Next(), DateTime.UtcNow, Namespace);
        job.Status = new();
        jobs.Add(job.Metadata.Name, job);
        return Copy(job);
    }

    object Delete(string name, V1DeleteOptions options)
    {
        if (options.PropagationPolicy != "Background") return Bad($"propagationPolicy {options.PropagationPolicy}");
        if (options.Preconditions?.Uid is null) return Bad("a deletion without the uid");
        if (!jobs.TryGetValue(name, out var job)) return Missing(name);
        foreach (var (what, given, found) in (ReadOnlySpan<(string, string?, string)>)[("UID", options.Preconditions.Uid, job.Metadata.Uid), ("ResourceVersion", options.Preconditions.ResourceVersion, job.Metadata.ResourceVersion)])
            if (given is not null && given != found)
                return new KubernetesFault(409, "Conflict", $"Operation cannot be fulfilled on jobs.batch \"{name}\": Precondition failed: {what} in precondition: {given}, {what} in object meta: {found}");
        jobs.Remove(name);
        pods.RemoveAll(pod => pod.Metadata.OwnerReferences?[0].Uid == job.Metadata.Uid);
        return new V1StatusAnswer("v1", "Status", "Success", new(name, "batch", "jobs", job.Metadata.Uid));
    }

    sealed record V1StatusAnswer(string ApiVersion, string Kind, string Status, V1StatusAnswerDetails Details);

    sealed record V1StatusAnswerDetails(string Name, string Group, string Kind, string Uid);

    static bool Selects(HttpRequest request, V1ObjectMeta metadata) =>
        request.Query["labelSelector"].ToString().Split(',').Select(each => each.Split('=', 2)).All(each => metadata.Labels?.TryGetValue(each[0], out var value) == true && value == each[1]);

    object List<T, TList>(HttpRequest request, IEnumerable<T> found, Func<List<T>, V1ListMeta, TList> list) where T : class
    {
        var limit = int.Parse(request.Query["limit"]!, CultureInfo.InvariantCulture);
        var all = found.Cast<object>().ToList();
        if (request.Query["continue"].ToString() is { Length: > 0 } token && !snapshots.Remove(token, out all!))
            return new KubernetesFault(410, "Expired", "The provided continue parameter is too old to display a consistent list result.");
        var meta = new V1ListMeta { ResourceVersion = Next() };
        if (all.Count > limit)
        {
            meta.ContinueProperty = Convert.ToBase64String(Guid.NewGuid().ToByteArray());
            meta.RemainingItemCount = all.Count - limit;
            snapshots[meta.ContinueProperty] = all[limit..];
        }
        return list([.. all.Take(limit).Cast<T>()], meta)!;
    }

    Task RefuseAsync(HttpContext context, string why) => WriteAsync(context, Bad(why));

    static async Task WriteAsync(HttpContext context, object answer)
    {
        var text = answer switch
        {
            KubernetesFault { Body: { } given } => given,
            KubernetesFault fault => JsonSerializer.Serialize(new { kind = "Status", apiVersion = "v1", metadata = new { }, status = "Failure", message = fault.Message, reason = fault.Reason, details = Details(fault), code = fault.Code }, Strict),
            V1StatusAnswer status => JsonSerializer.Serialize(status, Strict),
            _ => KubernetesJson.Serialize(answer),
        };
        if (answer is KubernetesFault refused)
        {
            context.Response.StatusCode = refused.Code;
            if (refused.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(text);
    }

    static object? Details(KubernetesFault fault) => fault.Message.StartsWith("namespaces", StringComparison.Ordinal) ? new { name = Namespace, kind = "namespaces" } : null;

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate?.Dispose();
    }

    /// <summary>Namespace, resource and name.</summary>
    [GeneratedRegex("^/(?:apis/batch/v1(?=/namespaces/[a-z0-9-]+/jobs)|api/v1(?=/namespaces/[a-z0-9-]+/(?:pods|events)$))/namespaces/([a-z0-9-]+)/(jobs|pods|events)(?:/([a-z0-9-]+))?$")]
    private static partial Regex Route();
}
