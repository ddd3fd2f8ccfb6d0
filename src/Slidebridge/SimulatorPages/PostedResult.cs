using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.SimulatorPages;

/// <summary>An evaluation as the result that it came from, with its own scan alone.</summary>
static class PostedResult
{
    /// <summary>UTF-8 JSON with <c>scanResults</c> and, if they were sent, <c>caseResults</c>.</summary>
    public static byte[] Of(SimulatedEvaluation evaluation)
    {
        var json = new ArrayBufferWriter<byte>();
        json.Write("""{"scanResults":["""u8);
        json.Write(JsonMarshal.GetRawUtf8Value(evaluation.Result));
        json.Write("]"u8);
        if (evaluation.CaseResults.ValueKind is not JsonValueKind.Undefined)
        {
            json.Write(""","caseResults":"""u8);
            json.Write(JsonMarshal.GetRawUtf8Value(evaluation.CaseResults));
        }
        json.Write("}"u8);
        return json.WrittenSpan.ToArray();
    }
}
