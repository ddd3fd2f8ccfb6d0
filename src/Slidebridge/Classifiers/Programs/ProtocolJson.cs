using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Slidebridge.Classifiers.Programs;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonObject))]
sealed partial class ProtocolJson : JsonSerializerContext;
