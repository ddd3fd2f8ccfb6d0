using My_Classifier;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge;
using Slidebridge.Classifiers.Catalog;

var bridge = Bridge.CreateBuilder(args);
bridge.Services.AddSingleton(new ClassifierOptions());
return await bridge.AddClassifier<Classifier>("classifier-name").RunAsync();
