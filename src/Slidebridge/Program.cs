return await Slidebridge.Bridge.CreateBuilder(args).RunAsync();
