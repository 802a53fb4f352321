"""A discriminator that judges small and large patches at once, after Roy et al. 2024 (arXiv 2404.00558).

# ASSUME: the abstract gives the patches, 16, 20, 32 and 70 pixels, in one network; the layers are ours.
"""

from torch import nn

from synthem.networks.layers import InstanceNorm, small_weights, zeros_to


class SkipPatch(nn.Module):
    """Image and condition [B, in, Y, X] -> four maps of logits, of patches with 16, 20, 32 and 70 pixels."""

    def __init__(self, in_channels, base_width):
        super().__init__()
        c = base_width
        # A feature sees `side` pixels of the image, and its neighbour is `step` pixels away: a convolution of
        # k x k adds (k - 1) * step to the side.
        self.stem = nn.Sequential(nn.Conv2d(in_channels, c, 4, 2, 1), nn.LeakyReLU(0.2))  # side 4, step 2
        self.fine = nn.ModuleList(
            [
                conv_norm(c, 2 * c, 1),  # side 10, step 2
                conv_norm(2 * c, 4 * c, 2),  # side 16, step 4
                conv_norm(4 * c, 4 * c, 1),  # side 28, step 4
            ]
        )
        self.fine_heads = nn.ModuleList(
            [
                nn.Conv2d(2 * c, 1, 4, 1, 1),  # side 16: the small PatchGAN of Isola et al. 2017
                nn.Conv2d(4 * c, 1, 2),  # side 20
                nn.Conv2d(4 * c, 1, 2),  # side 32
            ]
        )
        self.coarse = nn.Sequential(
            conv_norm(c, 2 * c, 2),  # side 10, step 4
            conv_norm(2 * c, 4 * c, 2),  # side 22, step 8
            conv_norm(4 * c, 8 * c, 1),  # side 46, step 8
            nn.Conv2d(8 * c, 1, 4, 1, 1),  # side 70
        )
        self.apply(small_weights)

    def forward(self, x):
        x = self.stem(zeros_to(x, 24))  # less would vanish on the coarse way
        logits, fine = [], x
        for layer, head in zip(self.fine, self.fine_heads, strict=True):
            fine = layer(fine)
            logits.append(head(fine))
        return [*logits, self.coarse(x)]


def conv_norm(in_channels, out_channels, stride):
    """Convolution, instance norm, leaky ReLU."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 4, stride, 1), InstanceNorm(out_channels), nn.LeakyReLU(0.2)
    )
