"""Models of the usual layers and sizes with random weights, in plain PyTorch. What they find is meaningless; the time that they take is that of trained ones."""

import torch
from torch import nn
from torch.nn import functional

#: Tiles of this edge in pixels, at these micrometres per pixel, normalised with the usual means and deviations.
SIZE, MPP = 224, 0.5
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

#: The small ones are for a machine without a GPU.
MODELS = {
    "vit-b16": lambda: ViT(edge=224, patch=16, width=768, depth=12, heads=12),
    "resnet50": lambda: ResNet(width=64, blocks=(3, 4, 6, 3)),
    "vit-small": lambda: ViT(edge=224, patch=32, width=96, depth=2, heads=3),
    "resnet-small": lambda: ResNet(width=8, blocks=(1, 1, 1, 1)),
}


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.inputs, self.outputs = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, length, width = x.shape
        queries, keys, values = self.inputs(x).view(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        if hasattr(functional, "scaled_dot_product_attention"):
            found = functional.scaled_dot_product_attention(queries, keys, values)
        else:  # PyTorch 1
            found = torch.softmax(queries @ keys.transpose(-2, -1) / (width // self.heads) ** 0.5, -1) @ values
        return self.outputs(found.transpose(1, 2).reshape(n, length, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2, self.mlp = nn.LayerNorm(width), nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    """A vision transformer: ViT-B/16 has 86 million weights."""

    def __init__(self, edge, patch, width, depth, heads, classes=1000):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, (edge // patch) ** 2 + 1, width) * 0.02)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, pixels):
        x = self.patches(pixels).flatten(2).transpose(1, 2)
        x = torch.cat((self.token.expand(len(x), -1, -1), x), 1) + self.positions
        return self.head(self.norm(self.blocks(x)[:, 0]))


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = 4 * width
        self.path = nn.Sequential(
            nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
            nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.short = nn.Identity() if inputs == outputs and stride == 1 else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu_(self.path(x) + self.short(x))


class ResNet(nn.Module):
    """A residual network: ResNet-50 has 25.6 million weights."""

    def __init__(self, width, blocks, classes=1000):
        super().__init__()
        layers = [nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
        inputs = width
        for stage, count in enumerate(blocks):
            for block in range(count):
                layers.append(Bottleneck(inputs, width << stage, 2 if stage and not block else 1))
                inputs = 4 * (width << stage)
        self.layers, self.head = nn.Sequential(*layers), nn.Linear(inputs, classes)

    def forward(self, pixels):
        return self.head(self.layers(pixels).mean((2, 3)))


def build(name, device, dtype):
    torch.manual_seed(1)
    return MODELS[name]().eval().to(device=device, dtype=dtype, memory_format=torch.channels_last if name.startswith("resnet") else torch.contiguous_format)
