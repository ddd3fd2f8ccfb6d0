namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>A model's description file is invalid; the message is one sentence with the file, the line and the wrong key.</summary>
sealed class ModelFileException(string message, Exception? inner = null) : ClassifierSettingException(message, inner);
