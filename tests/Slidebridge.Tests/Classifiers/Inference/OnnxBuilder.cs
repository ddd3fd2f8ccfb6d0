using System.Runtime.InteropServices;
using System.Text;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>Writes small ONNX models node by node: the protobuf of onnx.proto3 by hand, as much of it as a test needs.</summary>
sealed class OnnxBuilder
{
    public const int Float = 1, UInt8 = 2, Int64 = 7, Float16 = 10;

    readonly List<byte> nodes = [], constants = [], inputs = [], outputs = [];
    int named;

    /// <summary>Declares an input; −1 is a size that may be any.</summary>
    public string Input(string name, int type, params long[] shape)
    {
        Message(inputs, 11, Value(name, type, shape));
        return name;
    }

    /// <summary>Declares a tensor an output.</summary>
    public OnnxBuilder Output(string name, int type, params long[] shape)
    {
        Message(outputs, 12, Value(name, type, shape));
        return this;
    }

    /// <summary>Adds a node of one output; returns its name.</summary>
    public string Add(string operation, string[] from, string? output = null, params (string Name, object Value)[] attributes) => AddMany(operation, from, [output ?? $"t{named++}"], attributes)[0];

    /// <summary>Adds a node of several outputs.</summary>
    public string[] AddMany(string operation, string[] from, string[] to, params (string Name, object Value)[] attributes)
    {
        var node = new List<byte>();
        foreach (var name in from) Text(node, 1, name);
        foreach (var name in to) Text(node, 2, name);
        Text(node, 3, $"n{named++}");
        Text(node, 4, operation);
        foreach (var (name, value) in attributes) Message(node, 5, Attribute(name, value));
        Message(nodes, 1, node);
        return to;
    }

    public string Constant(long[] shape, params float[] values) => Constant(Float, shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    public string Constant(long[] shape, params long[] values) => Constant(Int64, shape, MemoryMarshal.AsBytes<long>(values).ToArray());

    public byte[] Build()
    {
        List<byte> graph = [.. nodes], opset = [], model = [];
        Text(graph, 2, "test");
        graph.AddRange(constants);
        graph.AddRange(inputs);
        graph.AddRange(outputs);
        Number(opset, 2, 17);
        Number(model, 1, 8); // The intermediate representation's version.
        Message(model, 7, graph);
        Message(model, 8, opset);
        return [.. model];
    }

    string Constant(int type, long[] shape, byte[] raw)
    {
        var (tensor, name) = (new List<byte>(), $"c{named++}");
        foreach (var size in shape) Number(tensor, 1, size);
        Number(tensor, 2, type);
        Text(tensor, 8, name);
        Bytes(tensor, 9, raw);
        Message(constants, 5, tensor);
        return name;
    }

    static List<byte> Attribute(string name, object value)
    {
        var attribute = new List<byte>();
        Text(attribute, 1, name);
        switch (value)
        {
            case long number:
                Number(attribute, 3, number);
                Number(attribute, 20, 2);
                break;
            case long[] numbers:
                foreach (var number in numbers) Number(attribute, 8, number);
                Number(attribute, 20, 7);
                break;
            default: throw new ArgumentException($"No attribute is a {value.GetType().Name}.");
        }
        return attribute;
    }

    static List<byte> Value(string name, int type, long[] shape)
    {
        List<byte> value = [], tensor = [], sizes = [], kind = [];
        for (var i = 0; i < shape.Length; i++)
        {
            var size = new List<byte>();
            if (shape[i] >= 0) Number(size, 1, shape[i]);
            else Text(size, 2, $"{name}{i}");
            Message(sizes, 1, size);
        }
        Number(tensor, 1, type);
        Message(tensor, 2, sizes);
        Message(kind, 1, tensor);
        Text(value, 1, name);
        Message(value, 2, kind);
        return value;
    }

    static void Number(List<byte> to, int field, long value)
    {
        Varint(to, (ulong)field << 3);
        Varint(to, (ulong)value);
    }

    static void Text(List<byte> to, int field, string text) => Bytes(to, field, Encoding.UTF8.GetBytes(text));

    static void Message(List<byte> to, int field, List<byte> message) => Bytes(to, field, [.. message]);

    static void Bytes(List<byte> to, int field, byte[] bytes)
    {
        Varint(to, (ulong)field << 3 | 2);
        Varint(to, (ulong)bytes.Length);
        to.AddRange(bytes);
    }

    static void Varint(List<byte> to, ulong value)
    {
        for (; value >= 128; value >>= 7) to.Add((byte)(value | 128));
        to.Add((byte)value);
    }
}
