using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Slidebridge.Security;

/// <summary>
/// The socket at the other end of a TCP connection within this machine, as a process's files name it: <c>socket:[4711]</c>.
/// This queries the kernel for one connection (sock_diag(7)), because reading <c>/proc/net/tcp</c> takes milliseconds of processor time: the kernel goes through a table whose size grows with the machine's memory.
/// A kernel that does not answer such queries still has that list.
/// </summary>
static partial class LocalConnection
{
    /// <summary>The client's socket, or null if there is no such connection any more.</summary>
    public static string? ClientSocket(IPEndPoint client, IPEndPoint server) => (Ask(client, server) ?? Find(client.Port, server.Port)) is { } inode ? $"socket:[{inode}]" : null;

    // linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h: a message of 16 bytes of header and 56 of request, answered by 16 and 72 bytes.
    const int Netlink = 16, RawCloseOnExec = 0x80003, SockDiag = 4, ByFamily = 20, IsRequest = 1, RequestLength = 72, AnswerLength = 88, InodeAt = 84, Tcp = 6, V4 = 2, V6 = 10;

    internal static uint? Ask(IPEndPoint client, IPEndPoint server)
    {
        var handle = OpenSocket(Netlink, RawCloseOnExec, SockDiag);
        if (handle < 0) return null;
        using var socket = new Socket(new SafeSocketHandle(handle, ownsHandle: true)) { ReceiveTimeout = 1000 };
        Span<byte> message = stackalloc byte[RequestLength], answer = stackalloc byte[1024];
        message.Clear();
        MemoryMarshal.Write(message, RequestLength);
        MemoryMarshal.Write(message[4..], (ushort)ByFamily);
        MemoryMarshal.Write(message[6..], (ushort)IsRequest);
        var (from, to) = (Unmapped(client.Address), Unmapped(server.Address));
        message[16] = (byte)(from.AddressFamily is AddressFamily.InterNetwork ? V4 : V6);
        message[17] = Tcp;
        message[20..24].Fill(0xff); // In any state.
        BinaryPrimitives.WriteUInt16BigEndian(message[24..], (ushort)client.Port);
        BinaryPrimitives.WriteUInt16BigEndian(message[26..], (ushort)server.Port);
        _ = from.TryWriteBytes(message[28..44], out _) && to.TryWriteBytes(message[44..60], out _);
        message[64..].Fill(0xff); // Whatever its cookie.
        try
        {
            if (socket.Send(message) != RequestLength) return null;
            var length = socket.Receive(answer);
            if (length < AnswerLength || MemoryMarshal.Read<ushort>(answer[4..]) != ByFamily) return null;
        }
        catch (SocketException)
        {
            return null;
        }
        return MemoryMarshal.Read<uint>(answer[InodeAt..]) is var inode and not 0 ? inode : null;
    }

    static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    const int MostReads = 4;

    /// <summary>The list may skip a line while sockets are opened and closed, so it is read again if the line is missing.</summary>
    internal static uint? Find(int clientPort, int serverPort)
    {
        for (var reads = 0; reads < MostReads; reads++)
            if (FindOnce(clientPort, serverPort) is { } inode) return inode;
        return null;
    }

    static uint? FindOnce(int clientPort, int serverPort)
    {
        string client = $":{clientPort:X4}", server = $":{serverPort:X4}";
        foreach (var file in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            if (!File.Exists(file)) continue;
            foreach (var line in File.ReadLines(file).Skip(1))
            {
                // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 9 && fields[1].EndsWith(client, StringComparison.Ordinal) && fields[2].EndsWith(server, StringComparison.Ordinal) && fields[9] != "0") return uint.Parse(fields[9], CultureInfo.InvariantCulture);
            }
        }
        return null;
    }

    [LibraryImport("libc", EntryPoint = "socket")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenSocket(int domain, int type, int protocol);
}
