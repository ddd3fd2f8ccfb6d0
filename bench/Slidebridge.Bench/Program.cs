using Slidebridge.Bench;
using Slidebridge.Bench.Workers;

// A bridge or a worker of the workers bench.
if (args is [WaitingClassifier.Verb, .. var arguments]) return await WaitingClassifier.RunAsync(arguments);

return await BenchCommands.RunAsync(args);
