using System.Net;

namespace Slidebridge.Security;

/// <summary>
/// Distinguishes calls of programs that this process started from those of a person on this machine: a classifier program shares the network, but must not act as an operator.
/// Linux shows it in <c>/proc</c> (proc(5)): the connection's socket, and the processes that have it open. Other systems do not show it.
/// </summary>
static class ChildProcesses
{
    /// <summary>Whether the other end of a connection within this machine is a process that this one has started, directly or indirectly. Also true if that is unknown.</summary>
    /// <param name="client">The other end.</param>
    /// <param name="server">This process's end.</param>
    public static bool Own(IPEndPoint client, IPEndPoint server)
    {
        if (!OperatingSystem.IsLinux()) return false;
        var children = Descendants();
        if (children.Count == 0) return false;
        if (LocalConnection.ClientSocket(client, server) is not { } socket) return true; // The connection is already closed, and nobody waits for an answer.
        // A child that has just been forked has a copy of every socket of this process until it executes its program.
        // In doubt, access is denied: a child whose files cannot be read counts as the owner of the socket; this process does not.
        return children.Any(child => Holds(child, socket, ifHidden: true)) && !Holds(Environment.ProcessId, socket, ifHidden: false);
    }

    static List<int> Descendants()
    {
        var all = ProcessTable.Read();
        return [.. all.Keys.Where(IsDescendant)];

        bool IsDescendant(int id)
        {
            for (var steps = 0; steps < all.Count && all.TryGetValue(id, out var stat); steps++)
            {
                id = ProcessTable.ParentOf(stat);
                if (id == Environment.ProcessId) return true;
            }
            return false;
        }
    }

    static bool Holds(int process, string socket, bool ifHidden)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == socket);
        }
        catch (UnauthorizedAccessException)
        {
            return ifHidden; // Another user's process (--program-user).
        }
        catch (IOException)
        {
            return false; // The process has ended.
        }
    }
}
