namespace Slidebridge.Tasks;

/// <summary>The tasks' database failed, as on a full disk. That is not the fault of the task whose step it was.</summary>
sealed class StorageException(Exception inner) : SlidebridgeException($"The tasks' database failed: {inner.GetBaseException().Message}", inner);
