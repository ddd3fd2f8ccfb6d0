"""A PyTorch model behind the bridge. Its weights are made here; yours come from a file."""

import torch

import slidebridge
import slidebridge.torch
from slidebridge import reports


class Nuclei(torch.nn.Module):
    """Colour deconvolution as a network: density = -log10(pixel), stain = density x weights. (N, 3, H, W), 0 to 1 -> (N, 1, H, W), 0 to 1."""

    def __init__(self):
        super().__init__()
        stains = torch.tensor([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])  # Haematoxylin, eosin, what is left.
        part = torch.linalg.inv(stains / stains.norm(dim=1, keepdim=True))[:, 0]
        self.smooth = torch.nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
        self.stain = torch.nn.Conv2d(3, 1, 1)
        self.stain.weight.data[:] = 12 * part.reshape(1, 3, 1, 1)
        self.stain.bias.data[:] = -12 * 0.25

    def forward(self, pixels):
        return torch.sigmoid(self.stain(-torch.log10(self.smooth(pixels).clamp(min=1 / 255))))


@slidebridge.classifier
class Classifier:
    def __init__(self):
        # Once, before the first task: the bridge says that it is ready when this is done.
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = Nuclei().eval().to(self.device)

    @torch.inference_mode()
    def __call__(self, task):
        results = slidebridge.Results()
        for scan in task.scans:
            tiles = scan.tiles(size=256, mpp=0.5 if scan.mpp else None, tissue=True, batch=32)
            x, y, shares = [], [], []
            for batch in slidebridge.torch.batches(tiles, device=self.device):
                scores = self.model(batch.pixels)  # (N, 3, 256, 256) float32, 0 to 1, on the GPU if there is one.
                shares.append((scores > 0.5).float().mean(dim=(1, 2, 3)))  # On the GPU: a .tolist() here would wait for the model at each step.
                x += batch.x
                y += batch.y
            shares, edge = torch.cat(shares).tolist() if shares else [], 256 * tiles.downsample
            dense = [(left, top) for share, left, top in zip(shares, x, y) if share > 0.15]
            mean = f"{sum(shares) / len(shares):.1%}" if shares else "no tissue"
            found = results.scan(scan.id).summary(f"nuclei: {mean} of the tissue")
            found.workflow("Nuclei", "Example", reports.basic({"Nuclei": mean, "Dense tiles": str(len(dense))}), key="Nuclei", value=mean)
            for left, top in dense:
                found.box(left, top, edge, edge, "dense")
        return results
