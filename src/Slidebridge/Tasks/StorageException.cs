namespace Slidebridge.Tasks;

/// <summary>The task database failed, for example because its disk is full. The failure says nothing about the task.</summary>
sealed class StorageException(Exception inner) : SlidebridgeException($"The task database failed: {inner.GetBaseException().Message}", inner);
