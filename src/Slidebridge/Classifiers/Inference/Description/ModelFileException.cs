namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>A model's file cannot be used as it is; the message is one sentence with its name, the line and the key at fault.</summary>
sealed class ModelFileException(string message, Exception? inner = null) : ClassifierSettingException(message, inner);
