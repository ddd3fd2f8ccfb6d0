#!/usr/bin/env python3
"""Makes nuclei.onnx, a model that needs no training: it marks the pixels whose haematoxylin is dense.

Colour deconvolution (Ruifrok and Johnston, 2001) is a logarithm and a product with a matrix, so it is three nodes of a network:
optical density = -log(pixel), stain = density x weights, score = sigmoid(steepness x (stain - threshold)).
A smoothing of 3 x 3 pixels stands before it. It needs only Python: the file format is written by hand
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3). With PyTorch or TensorFlow you would export your own model instead:

    torch.onnx.export(model, torch.zeros(1, 3, 512, 512), "nuclei.onnx", input_names=["image"], output_names=["mask"],
                      dynamic_axes={"image": {0: "batch"}, "mask": {0: "batch"}})
"""
import struct
import sys
from pathlib import Path

FLOAT = 1

# Optical densities of haematoxylin, eosin and what is left, in red, green and blue.
STAINS = [(0.65, 0.70, 0.29), (0.07, 0.99, 0.11), (0.27, 0.57, 0.78)]


def varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, payload):
    payload = payload.encode() if isinstance(payload, str) else payload
    return varint(field << 3 | 2) + varint(len(payload)) + payload


def tensor(name, shape, values):
    raw = struct.pack(f"<{len(values)}f", *values)
    return message(5, b"".join(number(1, size) for size in shape) + number(2, FLOAT) + message(8, name) + message(9, raw))


def ints(name, values):
    return message(5, message(1, name) + b"".join(number(8, value) for value in values) + number(20, 7))


def node(operation, inputs, output, attributes=b""):
    return message(1, b"".join(message(1, name) for name in inputs) + message(2, output) + message(4, operation) + attributes)


def value(field, name, shape):
    sizes = b"".join(message(1, message(2, size) if isinstance(size, str) else number(1, size)) for size in shape)
    return message(field, message(1, name) + message(2, message(1, number(1, FLOAT) + message(2, sizes))))


def haematoxylin():
    """What of each channel's density is haematoxylin: the first column of the inverse of the stains' matrix."""
    unit = [[x / sum(y * y for y in stain) ** 0.5 for x in stain] for stain in STAINS]
    (a, b, c), (d, e, f), (g, h, i) = unit
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return [(e * i - f * h) / determinant, (f * g - d * i) / determinant, (d * h - e * g) / determinant]


def build(threshold=0.45, steepness=12.0):
    nodes = (
        node("AveragePool", ["image"], "smooth", ints("kernel_shape", [3, 3]) + ints("pads", [1, 1, 1, 1]))
        + node("Max", ["smooth", "least"], "light")  # black has no logarithm
        + node("Log", ["light"], "density")
        + node("Conv", ["density", "weights", "bias"], "logit")
        + node("Sigmoid", ["logit"], "mask")
    )
    constants = (
        tensor("least", [1], [1 / 255])
        + tensor("weights", [1, 3, 1, 1], [-steepness * weight for weight in haematoxylin()])
        + tensor("bias", [1], [-steepness * threshold])
    )
    ends = value(11, "image", ["batch", 3, "height", "width"]) + value(12, "mask", ["batch", 1, "height", "width"])
    graph = nodes + message(2, "haematoxylin") + constants + ends
    return number(1, 8) + message(2, "make_model.py") + message(7, graph) + message(8, number(2, 13))


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("nuclei.onnx")
    path.write_bytes(build())
    print(f"{path}: {path.stat().st_size} bytes")
