using Slidebridge.Bench;

return await BenchCommands.RunAsync(args);
