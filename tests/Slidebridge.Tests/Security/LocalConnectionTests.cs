using System.Net;
using System.Net.Sockets;
using Slidebridge.Security;

namespace Slidebridge.Tests.Security;

public class LocalConnectionTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", false)]
    [InlineData("::1", "::1", false)]
    [InlineData("::", "127.0.0.1", false)]
    [InlineData("::", "127.0.0.1", true)]
    public void The_client_s_socket_of_a_connection_is_found_by_the_kernel_s_answer_and_by_its_list(string listen, string connect, bool dualModeClient)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux shows who holds a socket.");
        using var listener = new Socket(IPAddress.Parse(listen).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (listen == "::") listener.DualMode = true;
        listener.Bind(new IPEndPoint(IPAddress.Parse(listen), 0));
        listener.Listen();
        using var client = dualModeClient ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(IPAddress.Parse(connect).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.Parse(connect), ((IPEndPoint)listener.LocalEndPoint!).Port);
        using var accepted = listener.Accept();
        IPEndPoint from = (IPEndPoint)accepted.RemoteEndPoint!, to = (IPEndPoint)accepted.LocalEndPoint!;

        var expected = new FileInfo($"/proc/self/fd/{client.Handle}").LinkTarget;

        Assert.Equal(expected, LocalConnection.ClientSocket(from, to));
        Assert.Equal(expected, $"socket:[{LocalConnection.Ask(from, to)}]");
        Assert.Equal(expected, $"socket:[{LocalConnection.Find(from.Port, to.Port)}]");

        client.Dispose();
        accepted.Dispose();
        Assert.Null(LocalConnection.ClientSocket(from, to));
    }
}
