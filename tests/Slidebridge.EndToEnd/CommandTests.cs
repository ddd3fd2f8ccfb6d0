using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Requests;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.EndToEnd;

/// <summary>The commands as a user runs them: each in its own process, or, where it only answers, in one that they share.</summary>
public sealed class CommandTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static async Task<(int Code, string Out, string Error)> RunAsync(string? directory, params string[] arguments)
    {
        using var process = ServeProcess.Launch(arguments, directory);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        return (process.ExitCode, await output, await error);
    }

    [Theory]
    [InlineData("serve", "--prot 3000")]
    [InlineData("serve", "--port x")]
    [InlineData("serve", "--platform-url ftp://x")]
    [InlineData("serve", "--api-key-id only")]
    [InlineData("simulate", "--slides /nowhere")]
    [InlineData("run", "slide.svs --classfier boxes")]
    [InlineData("run", "--classfier boxes -- slide.svs")]
    [InlineData("run", "slide.svs --mpp 0,5")]
    [InlineData("run", "slide.svs --mpp 1000")]
    [InlineData("tasks", "retry 1 --ass me")]
    [InlineData("tasks", "lst")]
    [InlineData("tasks", "retry")]
    [InlineData("tasks", "retry --model mitosis")]
    [InlineData("tasks", "")]
    [InlineData("demo", "--data x")]
    [InlineData("demo", "--classifier=tissue --once=perhaps")]
    [InlineData("completion", "tcsh")]
    [InlineData("inspect", "a b")]
    [InlineData("inspect", "")]
    [InlineData("send", "nofile")]
    [InlineData("frob", "")]
    [InlineData("slide", "make")]
    [InlineData("slide", "make out.svs --quality 101")]
    [InlineData("slide", "make out.svs --tile-size 100")]
    [InlineData("slide", "make out.svs --format png")]
    [InlineData("slide", "frob")]
    [InlineData("slide", "make out.svs --width abc")]
    [InlineData("slide", "make out.svs --tile-size 99999999999")]
    [InlineData("slide", "make --port")]
    [InlineData("slide", "convert in.svs out.svs --mpp 0,5")]
    [InlineData("slide", "convert in.svs out.svs --with-label")]
    [InlineData("slide", "convert ftp://host/slide out.svs")]
    public async Task A_wrong_argument_gets_one_sentence_and_exit_code_2(string verb, string arguments)
    {
        var (code, output, error) = await SharedCommands.RunAsync(null, [verb, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("slidebridge: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("tasks lst", "There is no command 'slidebridge tasks lst'. Did you mean 'slidebridge tasks list'?")]
    [InlineData("retry 5", "There is no command 'slidebridge retry'. Did you mean 'slidebridge tasks retry'?")]
    [InlineData("run slide.svs --classfier boxes", "There is no option '--classfier'. Did you mean '--classifier'?")]
    [InlineData("tasks show 5 --jsno", "There is no option '--jsno'. Did you mean '--json'?")]
    [InlineData("serve --port 0 --classifier mine.py", "There is no classifier 'mine.py'. Did you mean 'python:mine.py'?")]
    [InlineData("serve --port 0 --classifier pyton:mine.py", "There is no classifier 'pyton:mine.py'. Did you mean 'python:mine.py'?")]
    [InlineData("serve --port 0 --classifier tisue", "There is no classifier 'tisue'. Did you mean 'tissue'?")]
    public async Task A_slip_of_the_pen_is_told_with_what_was_meant(string arguments, string expected)
    {
        using var folder = Files.Temporary();
        var (code, _, error) = await SharedCommands.RunAsync(folder.Path, arguments.Split(' '));
        Assert.Equal(2, code);
        Assert.StartsWith("slidebridge: " + expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Many_tasks_are_not_changed_where_nobody_is_there_to_be_asked()
    {
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var folder = Files.Temporary();
        await using var serve = await ServeProcess.StartAsync(platform.Address, Path.Combine(folder.Path, "data"));
        await platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide], Webhook = new Uri(serve.Address, "/webhook").ToString() }, Token);
        while (await serve.CountAsync("completed") < 1) await Task.Delay(20, Token);
        var (code, output, error) = await RunAsync(folder.Path, "tasks", "redeliver", "--state", "completed", "--url", serve.Address.ToString());
        Assert.Equal((2, ""), (code, output));
        Assert.Equal("slidebridge: Redeliver 1 task? There is no terminal for the answer; use --yes to confirm.", error.TrimEnd());
        // What cannot be undone asks also for one task that is named.
        (code, _, error) = await RunAsync(null, "tasks", "delete", "17", "--url", "http://127.0.0.1:9");
        Assert.Equal((2, "slidebridge: Delete task 17 for good? There is no terminal for the answer; use --yes to confirm."), (code, error.TrimEnd()));
        (code, output, error) = await RunAsync(folder.Path, "tasks", "redeliver", "--state", "completed", "--yes", "--url", serve.Address.ToString());
        Assert.True(code == 0, error);
        Assert.Contains("is delivered again", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_and_the_file_of_the_folder_say_where_the_bridge_is()
    {
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var folder = Files.Temporary();
        await using var serve = await ServeProcess.StartAsync(platform.Address, Path.Combine(folder.Path, "data"), more: ["--api-token", "a-token-of-the-tests-5f2"]);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "slidebridge.json"), $$"""{"port": {{serve.Address.Port}}, "apiToken": "a-token-of-the-tests-5f2"}""", Token);
        var (code, output, error) = await RunAsync(folder.Path, "tasks", "list");
        Assert.True(code == 0, error);
        Assert.StartsWith("task\tstate\t", output, StringComparison.Ordinal);

        using var other = Files.Temporary();
        foreach (var (url, expected) in ((string, int)[])[(serve.Address.ToString(), 0), ("http://127.0.0.1:1", 1)])
        {
            using var process = ServeProcess.Launch(["usage"], other.Path, environment: new Dictionary<string, string> { ["SLIDEBRIDGE_URL"] = url, ["SLIDEBRIDGE_API_TOKEN"] = "a-token-of-the-tests-5f2" });
            await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
            Assert.Equal(expected, process.ExitCode);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_at_once_and_nothing_is_started()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        using var folder = Files.Temporary();
        using var process = ServeProcess.Launch(["serve", "--port", $"{port}", "--data", Path.Combine(folder.Path, "data")], folder.Path);
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal((1, $"slidebridge: --port: another program already listens on port {port}. Stop it, or use another port."), (process.ExitCode, (await error).TrimEnd()));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "data")));
    }

    [Theory]
    [InlineData("tasks list --limit abc", "--limit: 'abc' is not a whole number. See 'slidebridge tasks list --help'.")]
    [InlineData("serve --port", "--port needs a value. See 'slidebridge serve --help'.")]
    [InlineData("slide convert a.svs b --format png", "--format: 'png' is not one of svs, ome, dicom. See 'slidebridge slide convert --help'.")]
    public async Task Wrong_values_are_told_without_words_of_a_library(string arguments, string sentence)
    {
        using var folder = Files.Temporary();
        var (code, _, error) = await SharedCommands.RunAsync(folder.Path, arguments.Split(' '));
        Assert.Equal((2, "slidebridge: " + sentence), (code, error.TrimEnd()));
    }

    [Fact]
    public async Task A_log_of_JSON_is_an_object_a_line_and_names_level_and_category()
    {
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var folder = Files.Temporary();
        using var process = ServeProcess.Launch(["serve", "--port", "0", "--platform-url", platform.Address.ToString(), "--data", folder.Path, "--log-format", "json", "--log-level", "debug"], folder.Path);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), "");
        while (await process.StandardError.ReadLineAsync(Token) is { } line && !line.Contains("listens on", StringComparison.Ordinal)) error += line;
        using (var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {process.Id}"])) await kill.WaitForExitAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.True(process.ExitCode == 0, error);
        var entries = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.NotEmpty(entries);
        Assert.All(entries, entry => Assert.EndsWith("Z", entry.GetProperty("Timestamp").GetString(), StringComparison.Ordinal));
        Assert.Contains(entries, entry => entry.GetProperty("LogLevel").GetString() == "Debug" && entry.GetProperty("Category").GetString()!.StartsWith("Quartz", StringComparison.Ordinal));
        Assert.DoesNotContain(entries, entry => entry.GetProperty("Category").GetString()!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) && entry.GetProperty("LogLevel").GetString() == "Debug");
    }

    [Theory]
    [InlineData("serve", "--role worker --port 0")]
    [InlineData("tasks", "list")]
    public async Task A_database_that_cannot_be_reached_is_told_in_one_sentence(string verb, string arguments)
    {
        using var folder = Files.Temporary();
        var (code, output, error) = await SharedCommands.RunAsync(folder.Path, [verb, .. arguments.Split(' '), "--database", "Host=127.0.0.1;Port=1;Database=x;Username=y"]);
        Assert.Equal((1, ""), (code, output));
        Assert.Equal("slidebridge: The task database failed: Failed to connect to 127.0.0.1:1.", error.TrimEnd());
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("simulate")]
    [InlineData("send")]
    [InlineData("run")]
    [InlineData("inspect")]
    [InlineData("demo")]
    [InlineData("slide")]
    [InlineData("slide make")]
    [InlineData("slide convert")]
    [InlineData("slide thumbnail")]
    [InlineData("slide region")]
    [InlineData("slide label")]
    [InlineData("slide tiles")]
    [InlineData("slide dzi")]
    [InlineData("validate")]
    [InlineData("results schema")]
    [InlineData("objects get")]
    [InlineData("job")]
    [InlineData("doctor")]
    [InlineData("tasks")]
    [InlineData("tasks rerun")]
    [InlineData("tasks export")]
    [InlineData("usage")]
    [InlineData("completion")]
    public async Task Every_command_has_help_with_an_example(string verb)
    {
        var (code, output, _) = await SharedCommands.RunAsync(null, [.. verb.Split(' '), "--help"]);
        Assert.Equal(0, code);
        Assert.Contains("Example", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_the_commands_are_shown()
    {
        var (code, output, error) = await SharedCommands.RunAsync(null);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Usage:\n  slidebridge [command]", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        var lines = output.TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, 80));
        Assert.InRange(lines.Length, 20, 40);
        Assert.Equal((await SharedCommands.RunAsync(null, "--help")).Out, output);
    }

    [Fact]
    public async Task Bash_completes_commands_options_and_values()
    {
        var (code, script, error) = await RunAsync(null, "completion", "bash");
        Assert.True(code == 0, error);
        using var folder = Files.Temporary();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "completion"), script, Token);
        // A command of the name, as an installation has it.
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "slidebridge"), $"#!/bin/sh\nexec dotnet '{ServeProcess.Program}' \"$@\"\n", Token);
        foreach (var (typed, expected) in ((string, string)[])[("slidebridge tasks ret", "retry"), ("slidebridge tasks retry --stat", "--state"), ("slidebridge tasks list --state fai", "failed"), ("slidebridge compl", "completion"), ("slidebridge tasks xyz", "")])
        {
            var ask = $$"""
                export PATH="{{folder.Path}}:$PATH"; chmod +x '{{folder.Path}}/slidebridge'; source '{{folder.Path}}/completion'
                COMP_LINE='{{typed}}'; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($COMP_LINE); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                complete -p slidebridge > /dev/null && _slidebridge && echo "${COMPREPLY[*]}"
                """;
            using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", ask]) { RedirectStandardOutput = true })!;
            var completed = await bash.StandardOutput.ReadToEndAsync(Token);
            await bash.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
            Assert.Equal((typed, expected), (typed, completed.Trim()));
        }
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Each_shell_has_a_script_that_asks_the_program(string shell)
    {
        var (code, script, error) = await SharedCommands.RunAsync(null, "completion", shell);
        Assert.True(code == 0, error);
        Assert.Contains("[suggest:", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slide_is_made_converted_to_DICOM_and_back_and_is_never_replaced_unasked()
    {
        using var folder = Files.Temporary();
        await MakeAsync("slide", "make", "made.svs", "--width", "1200", "--height", "900", "--seed", "3", "--truth", "nuclei.csv");
        await MakeAsync("slide", "make", "again.svs", "--width", "1200", "--height", "900", "--seed", "3");
        Assert.Equal(await ReadAsync("made.svs"), await ReadAsync("again.svs"));
        Assert.Equal("x,y,long_radius,short_radius,angle,kind", File.ReadLines(Path.Combine(folder.Path, "nuclei.csv")).First());
        Assert.InRange(File.ReadLines(Path.Combine(folder.Path, "nuclei.csv")).Count(), 20, 5000);

        await MakeAsync("slide", "convert", "made.svs", "series", "--format", "dicom");
        await MakeAsync("slide", "convert", "series", "back.svs", "--level", "1");
        var (code, output, error) = await SharedCommands.RunAsync(folder.Path, "inspect", "back.svs", "--json");
        Assert.True(code == 0, error);
        using var slide = JsonDocument.Parse(output);
        Assert.Equal((600, 450), (slide.RootElement.GetProperty("width").GetInt32(), slide.RootElement.GetProperty("height").GetInt32()));
        Assert.Equal(1, slide.RootElement.GetProperty("mpp").GetProperty("x").GetDouble());

        (code, _, error) = await SharedCommands.RunAsync(folder.Path, "slide", "make", "made.svs");
        Assert.Equal(2, code);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        (code, _, error) = await SharedCommands.RunAsync(folder.Path, "slide", "convert", "nuclei.csv", "none.svs");
        Assert.Equal(1, code);
        Assert.DoesNotContain("nuclei", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path, "*.part"));

        Task<byte[]> ReadAsync(string name) => File.ReadAllBytesAsync(Path.Combine(folder.Path, name), Token);

        async Task MakeAsync(params string[] arguments)
        {
            var (code, output, error) = await SharedCommands.RunAsync(folder.Path, arguments);
            Assert.True(code == 0, output + error);
        }
    }

    [Fact]
    public async Task Force_replaces_a_slide_and_a_series_and_no_folder_with_anything_else()
    {
        using var folder = Files.Temporary();
        string[] small = ["--width", "300", "--height", "200"];
        var precious = Path.Combine(folder.Path, "precious");
        Directory.CreateDirectory(precious);
        await File.WriteAllTextAsync(Path.Combine(precious, "thesis.docx"), "years of work", Token);
        foreach (var arguments in new[] { new[] { "precious", "--force" }, ["precious/", "--format", "dicom", "--force"], [".", "--format", "dicom", "--force"], ["precious/thesis.docx/x.svs", "--force"], ["new.svs", "--truth", "precious"], [""] })
        {
            var (code, _, error) = await SharedCommands.RunAsync(folder.Path, ["slide", "make", .. arguments, .. small]);
            Assert.True(code == 2, error);
            Assert.Single(error.TrimEnd().Split('\n'));
            Assert.Equal(["precious"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
            Assert.Equal("years of work", await File.ReadAllTextAsync(Path.Combine(precious, "thesis.docx"), Token));
        }
        foreach (var name in new[] { "series/", "series/", "slide.svs", "slide.svs" })
        {
            var (code, _, error) = await SharedCommands.RunAsync(folder.Path, ["slide", "make", name, "--force", "--format", name.EndsWith('/') ? "dicom" : "svs", .. small]);
            Assert.True(code == 0, error);
        }
        Assert.Equal(["precious", "series", "slide.svs"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task The_slides_library_packs_with_its_page_its_icon_and_its_documentation()
    {
        using var folder = Files.Temporary();
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["pack", Path.Combine(Files.Root, "src", "Slidebridge.Slides"), "--no-build", "--configuration", "Release", "--output", folder.Path]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.True(process.ExitCode == 0, output);
        using var package = ZipFile.OpenRead(Directory.GetFiles(folder.Path, "*.nupkg").Single());
        var names = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains("README.md", names);
        Assert.Contains("icon.png", names);
        Assert.Contains("lib/net10.0/Slidebridge.Slides.xml", names);
    }

    [Fact]
    public async Task The_program_of_the_slides_page_reads_a_real_slide()
    {
        var program = Path.Combine(Files.Root, "examples", "read-slide", "bin", "Release", "net10.0", "read-slide.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, Path.Combine(Files.SharedSlides, Files.RealSlide)]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal(0, process.ExitCode);
        Assert.StartsWith("aperio-svs, 2220 × 2967 pixels, 0.499 µm a pixel, levels: 1", output, StringComparison.Ordinal);
        Assert.Matches("[0-9]{2} tiles of tissue, mean red (1[5-9]|2[0-4])[0-9];", output);
    }

    [Fact]
    public async Task Run_writes_results_and_a_picture()
    {
        var slides = Files.SharedSlides;
        using var folder = Files.Temporary();
        var (code, output, error) = await RunAsync(folder.Path, "run", Path.Combine(slides, Files.RealSlide), "--classifier", "tissue", "--out", "out");
        Assert.True(code == 0, output + error);
        using var results = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.Path, "out", "results.json"), Token));
        Assert.Equal("Basic", results.RootElement.GetProperty("scanResults")[0].GetProperty("workflow").GetProperty("report").GetProperty("type").GetString());
        Assert.Equal("89504e47", Convert.ToHexStringLower((await File.ReadAllBytesAsync(Path.Combine(folder.Path, "out", "overlay.png"), Token))[..4]));
    }

    [Fact]
    public async Task Inspect_tells_of_a_URL_how_little_was_read()
    {
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        var task = (await platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide] }, Token)).Single();
        var url = JsonDocument.Parse(task.Body).RootElement.GetProperty("scans").GetProperty(task.Scans[0].Id).GetString()!;
        var (code, output, error) = await RunAsync(null, "inspect", url, "--json");
        Assert.True(code == 0, error);
        var told = JsonDocument.Parse(output).RootElement;
        Assert.Equal((2220, 2967), (told.GetProperty("width").GetInt32(), told.GetProperty("height").GetInt32()));
        Assert.Equal(platform.State.SlideRequests, told.GetProperty("requests").GetInt64());
        Assert.Equal(platform.State.SlideBytes, told.GetProperty("bytesRead").GetInt64());
        Assert.InRange(platform.State.SlideBytes, 1, 400_000);
    }

    [Fact]
    public async Task A_debug_request_pasted_from_the_platforms_notes_is_replayed()
    {
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var folder = Files.Temporary();
        await using var serve = await ServeProcess.StartAsync(platform.Address, Path.Combine(folder.Path, "data"));
        using var http = new HttpClient();
        var answer = await http.PostAsync(new Uri(platform.Address, "/simulator/requests"), new StringContent($$"""{"slides":["{{Files.RealSlide}}"],"webhook":""}"""), Token);
        var note = Path.Combine(folder.Path, "note.txt");
        await File.WriteAllTextAsync(note, await answer.Content.ReadAsStringAsync(Token), Token);

        var (code, output, error) = await RunAsync(null, "send", note, "--to", new Uri(serve.Address, "/webhook").ToString());
        Assert.True(code == 0, error);
        Assert.Contains("Processing started", output, StringComparison.Ordinal);
        while (platform.State.Evaluations.Count == 0) await Task.Delay(20, Token);
        Assert.True(Assert.Single(platform.State.Tasks).Completed);
    }

    [Fact]
    public async Task The_demo_shows_the_whole_loop_and_ends()
    {
        using var folder = Files.Temporary();
        var (code, output, error) = await RunAsync(folder.Path, "demo", "--once", "--slide", Path.Combine(Files.SharedSlides, Files.RealSlide));
        Assert.True(code == 0, output + error);
        foreach (var told in (string[])["Processing started", "completed", "case: mitosisCount 4", "Whole result", "overlay.png"]) Assert.Contains(told, output, StringComparison.Ordinal);
        Assert.DoesNotContain("Open http", output, StringComparison.Ordinal); // It is gone with the bridge.
        Assert.True(File.Exists(Path.Combine(folder.Path, "slidebridge-demo", "overlay.png")));
        Assert.InRange(output.TrimEnd().Split('\n').Length, 10, 30);
        using var whole = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.Path, "slidebridge-demo", "result.json"), Token));
        Assert.Equal(4, whole.RootElement.GetProperty("caseResults").GetProperty("mitosisCount").GetInt32());
    }

    [Fact]
    public async Task A_second_bridge_on_the_same_data_is_refused_in_one_sentence()
    {
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var folder = Files.Temporary();
        await using var first = await ServeProcess.StartAsync(platform.Address, folder.Path);
        var (code, _, error) = await RunAsync(null, "serve", "--port", "0", "--listen", "localhost", "--data", folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("in use", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("tasks.db")]
    [InlineData("quartz.db")]
    public async Task A_damaged_database_is_told_in_one_sentence(string file)
    {
        using var folder = Files.Temporary();
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, file), [.. Enumerable.Range(0, 8192).Select(i => (byte)(i * 7 + 1))], Token);
        var (code, _, error) = await RunAsync(null, "serve", "--port", "0", "--listen", "localhost", "--data", folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("not a database", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Nothing_secret_reaches_the_output()
    {
        await using var platform = await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token);
        using var folder = Files.Temporary();
        await using var serve = await ServeProcess.StartAsync(platform.Address, folder.Path, more: ["--webhook-key", "hook-secret-of-this-test", "--retry-first", "50ms"]);
        platform.Faults.Add(new() { Endpoint = Simulator.Faults.FaultEndpoint.Results, Action = Simulator.Faults.FaultAction.Status, Status = 503 });
        platform.Faults.Add(new() { Endpoint = Simulator.Faults.FaultEndpoint.Slides, Action = Simulator.Faults.FaultAction.Reset });
        var made = await platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide], Webhook = new Uri(serve.Address, "/webhook/hook-secret-of-this-test").ToString(), Count = 3 }, Token);
        // One more that fails: its address is refused.
        var refused = (await platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide] }, Token)).Single();
        using var http = new HttpClient();
        await http.PostAsync(new Uri(serve.Address, "/webhook/hook-secret-of-this-test"), new StringContent(refused.Body.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)), Token);
        while (await serve.CountAsync("completed") + await serve.CountAsync("failed") < 4) await Task.Delay(20, Token);

        Assert.Contains("delivered", serve.Output, StringComparison.Ordinal);
        foreach (var secret in (string[])["local-secret", "hook-secret-of-this-test", "X-Amz", "files_uuid", .. made.Select(t => t.Token), refused.Token, Files.RealSlide])
            Assert.DoesNotContain(secret, serve.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve", 0)]
    [InlineData("simulate", 0)]
    [InlineData("run", 130)]
    [InlineData("demo", 130)]
    public async Task Ctrl_C_ends_a_server_with_0_and_a_command_in_its_work_with_130(string verb, int expected)
    {
        using var folder = Files.Temporary();
        var slide = Path.Combine(Files.SharedSlides, Files.RealSlide);
        using var process = ServeProcess.Launch(verb switch
        {
            "serve" => ["serve", "--port", "0", "--listen", "localhost", "--data", folder.Path],
            "simulate" => ["simulate", "--port", "0", "--slides", folder.Path],
            "run" => ["run", slide, "--classifier", "exec:sleep 60", "--out", Path.Combine(folder.Path, "out")], // Never ready.
            _ => ["demo", "--slide", slide, "--classifier", "exec:sleep 60"],
        }, folder.Path);
        Assert.NotNull(verb == "run" ? await process.StandardError.ReadLineAsync(Token) : await process.StandardOutput.ReadLineAsync(Token));
        if (verb is "run" or "demo") await Task.Delay(1000, Token); // Into its work.
        using var interrupt = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(40), Token);
        var error = await process.StandardError.ReadToEndAsync(Token);
        Assert.True(process.ExitCode == expected, $"Exit code {process.ExitCode}: {error}");
        Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Inspect_shows_who_was_scanned_only_if_asked(bool json)
    {
        var slide = Path.Combine(Files.SharedSlides, "..", "dicom", "sm_image_control.dcm");
        string[] format = json ? ["--json"] : [];
        var (code, output, error) = await RunAsync(null, ["inspect", slide, .. format]);
        Assert.True(code == 0, error);
        foreach (var of in (string[])["Test^Patient", "AA01", "S19-1", "2019", "1.2.826"]) Assert.DoesNotContain(of, output, StringComparison.Ordinal);
        Assert.Contains("dicom.Manufacturer", output, StringComparison.Ordinal);
        Assert.Contains(!json ? "properties that may identify a patient" : "\"hiddenProperties\": 1", output, StringComparison.Ordinal);

        (_, output, _) = await RunAsync(null, ["inspect", slide, "--phi", .. format]);
        foreach (var of in (string[])["Test^Patient", "AA01", "S19-1"]) Assert.Contains(of, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("::1", "http://[::1]:", " for tasks on http://[::1]:")]
    [InlineData("any", "http://0.0.0.0:", ", every IPv4 address of this machine for tasks on /webhook/KEY")]
    [InlineData("::", "http://[::]:", ", every IPv4 and IPv6 address of this machine for tasks on /webhook/KEY")]
    public async Task The_first_line_says_where_the_bridge_listens_and_the_second_how_many_tasks_run(string listen, string address, string told)
    {
        using var folder = Files.Temporary();
        using var process = ServeProcess.Launch(["serve", "--port", "0", "--listen", listen, "--behind-proxy", "--webhook-key", "hook-secret-of-this-test", "--data", folder.Path, "--classifier", "exec:sleep 60", "--concurrency", "4"]);
        var lines = new[] { await process.StandardOutput.ReadLineAsync(Token), await process.StandardOutput.ReadLineAsync(Token) };
        process.Kill();
        Assert.StartsWith("Slidebridge listens on " + address, lines[0], StringComparison.Ordinal);
        Assert.Contains(told, lines[0], StringComparison.Ordinal);
        // A program has one process unless --processes says otherwise, whatever --concurrency is.
        Assert.StartsWith("  classifier exec:sleep, 1 task at a time;", lines[1], StringComparison.Ordinal);
    }
}
