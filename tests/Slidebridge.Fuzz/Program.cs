using Slidebridge.Fuzz;

return await FuzzCommand.RunAsync(args);
