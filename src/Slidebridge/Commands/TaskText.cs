using System.Globalization;
using Slidebridge.Api;
using Slidebridge.Security;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary>Tasks as text for an operator. Control characters are removed from the words of programs and of the platform, because a terminal would obey them.</summary>
static class TaskText
{
    /// <summary>A page of tasks as columns.</summary>
    public static void Write(TaskPageJson page, TextWriter output)
    {
        var listing = new Listing(new("task"), new("state"), new("accepted"), new("company", IsOptional: true), new("scans", IsOptional: true), new("node", IsOptional: true), new("last error"));
        foreach (var t in page.Tasks)
            listing.Add($"{t.Task}", t.State.Name(), At(t.AcceptedAt), Line(t.Company), $"{t.Scans.Count}", t.Node ?? "", Line(t.LastError));
        listing.Write(output);
    }

    /// <summary>Which part of all tasks a page shows.</summary>
    public static string Range(TaskPageJson page) => page.Tasks.Count == 0 ? Counted.Text(page.Total, "task") : $"{page.Offset + 1} to {page.Offset + page.Tasks.Count} of {Counted.Text(page.Total, "task")}";

    /// <summary>A task and every recorded step of it.</summary>
    public static void Write(TaskJson task, TextWriter output)
    {
        output.WriteLine($"""
            task {task.Task} ({task.TaskId}){(task.Case is { } number ? $", case {number}" : "")}{(task.Company is { } company ? $", company {Line(company)}" : "")}
            {(task.VerifiedAt is { } verified ? $"verified {At(verified)}{(task.VerifiedBy is TaskProof.Key ? ", received without a token" : task.VerifiedBy is TaskProof.Token ? " by its own token" : "")}" : $"not verified{(task.WithoutToken == true ? ", has no token" : "")}")}
            {task.State.Name()} since {At(task.UpdatedAt)}{(task.HeldUntil is { } held ? $", waits for an operator until {At(held)}" : "")}{(task.NextTryAt is { } next ? $", next attempt {At(next)}" : "")}{(task.Node is { } node ? $", on node {node}" : "")}
            {Counted.Text(task.Attempts.Runs, "run")}, {Counted.Text(task.Attempts.Posts, "post")}, {Counted.Text(task.Attempts.Crashes, "crash", "crashes")}; {Counted.Text(task.Scans.Count, "scan")}{(task.ExpiresAt is { } expiry ? $"; URLs expire {At(expiry)}" : "")}
            """);
        foreach (var scan in task.Scans)
            foreach (var warning in scan.Warnings ?? []) output.WriteLine($"warning for scan {scan.Scan}: {Line(warning.Message)} ({warning.Code})");
        if (task.LastError is not null) output.WriteLine($"last error: {Line(task.LastError)}");
        WriteCause(task.LastCause, output);
        if (task.Provenance is { } made) ProvenanceText.Write(made, "result made", output);
        if (task.Rerun is { } rerun) Write(rerun, output);
        if (task.RerunProvenance is { } madeAgain) ProvenanceText.Write(madeAgain, "rerun's result made", output);
        foreach (var shadow in task.Shadows ?? [])
        {
            output.WriteLine($"shadow classifier {Line(shadow.Classifier)}: {shadow.State.ToString().ToLowerInvariant()} since {At(shadow.UpdatedAt)}{(shadow.HasResult ? "; its result is kept here and never posted" : "")}");
            if (shadow.Error is not null) output.WriteLine($"its error: {Line(shadow.Error)}");
            WriteCause(shadow.Cause, output);
            if (shadow.Provenance is { } madeByShadow) ProvenanceText.Write(madeByShadow, "its result made", output);
        }
        foreach (var e in task.Events ?? []) output.WriteLine($"  {At(e.At)}  {e.State.Name(),-10}  {Line(e.What)}{(e.Who is null ? "" : $" (by {Line(e.Who)})")}{(e.Webhook is { } call ? $" [webhook from {Line(call.From)}, {call.Bytes} bytes, SHA-256 {Line(call.Sha256)}]" : "")}");
    }

    static void Write(RerunSummary rerun, TextWriter output)
    {
        output.WriteLine($"rerun for {Line(rerun.Who)}, asked {At(rerun.AskedAt)}: {rerun.State.ToString().ToLowerInvariant()}{(rerun.Posts ? ", to be posted" : ", not to be posted")}{(rerun.HasResult ? "; its result is kept here" : "")}");
        if (rerun.Error is not null) output.WriteLine($"its error: {Line(rerun.Error)}");
        WriteCause(rerun.Cause, output);
    }

    /// <summary>A cause keeps its lines, because it may be a traceback.</summary>
    static void WriteCause(string? cause, TextWriter output)
    {
        if (string.IsNullOrWhiteSpace(cause)) return;
        output.WriteLine("its cause:");
        foreach (var line in PlainText.Lines(cause.Trim('\n')).Split('\n')) output.WriteLine("  " + line);
    }

    static string Line(string? text) => PlainText.Line(text);

    public static string At(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
