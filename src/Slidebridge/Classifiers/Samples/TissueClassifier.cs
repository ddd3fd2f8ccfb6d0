using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
namespace Slidebridge.Classifiers.Samples;
sealed class TissueClassifier : IClassifier { public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken) => throw new ClassifierException(""); }
