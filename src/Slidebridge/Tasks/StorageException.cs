namespace Slidebridge.Tasks;

/// <summary>The task database failed, for example because its disk is full. The failure says nothing about the task.</summary>
sealed class StorageException(string message, Exception? inner = null) : SlidebridgeException(message, inner)
{
    public StorageException(Exception inner) : this($"The task database failed: {inner.GetBaseException().Message}", inner) { }
}
