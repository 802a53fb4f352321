"""Pieces that several networks share."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.parametrize import register_parametrization

CONVOLUTIONS = (nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d)


class AnySize(nn.Module):
    """A network for images of any size: it mirrors them up to its grid and cuts the output back.

    Subclasses set `multiple`, the side of a pixel of their coarsest level (one number, or one per axis):
    tiles of a larger image start on this grid. Their forward pass is `on_grid`, for [B, C, *size] that fits
    it.
    """

    pads = True  # False: `on_grid` takes any size as it is
    greys = "standardised"  # how a segmenter sees grey levels: a word of `intensity.GREYS`

    def forward(self, x):
        size = x.shape[2:]
        y = self.on_grid(pad_to_multiple(x, self.multiple) if self.pads else x)
        return y[(..., *map(slice, size))]


def pad_to_multiple(x, multiple):
    """Mirror [B, C, *size] at the far end of each axis until all sizes are multiples.

    multiple: a number, or one per axis.
    A border that is longer than the image cannot be mirrored: it repeats the last row instead.
    """
    sizes = x.shape[2:]
    multiples = [multiple] * len(sizes) if isinstance(multiple, int) else multiple
    for axis, (length, step) in enumerate(zip(sizes, multiples, strict=True)):
        missing = -length % step
        if missing:
            borders = [0] * (2 * len(sizes))
            borders[-2 * axis - 1] = missing  # F.pad wants the last axis first: before, after
            x = F.pad(x, borders, mode="reflect" if missing < length else "replicate")
    return x


def zeros_to(x, smallest):
    """Zeros at the lower and right border of [B, C, Y, X] until both sides have `smallest` pixels."""
    height, width = x.shape[-2:]
    return F.pad(x, (0, max(smallest - width, 0), 0, max(smallest - height, 0)))


def pool_to(x, side):
    """[B, C, Y, X] -> [B, C, side, side] by means; at the size that a network was published for, nothing.

    torch's adaptive_avg_pool2d, whose gradient on a GPU adds up in another order each time, as products with
    two matrices: in 64 bits, which autocast leaves alone.
    """
    if x.shape[-2:] == (side, side):
        return x
    rows, columns = (cell_means(side, length, x.device) for length in x.shape[-2:])
    return (rows @ x.double() @ columns.T).float()


def cell_means(side, length, device):
    """[side, length]: what takes the mean of each of `side` cells of a line; of a short line they overlap."""
    cell, place = torch.arange(side, device=device)[:, None], torch.arange(length, device=device)
    first, end = cell * length // side, -(-(cell + 1) * length // side)
    return ((place >= first) & (place < end)).double() / (end - first)


class _LoneValue:
    """Batch norm that can train on a single value per channel (1x1 bottleneck, batch 1).

    No variance is defined there: the running statistics take its place.
    """

    def forward(self, x):
        if self.training and x.numel() == x.shape[1]:
            return F.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps
            )
        return super().forward(x)


class BatchNorm(_LoneValue, nn.BatchNorm2d):
    pass


class BatchNorm3d(_LoneValue, nn.BatchNorm3d):
    pass


class InstanceNorm(nn.InstanceNorm2d):
    """Instance norm without weights; a 1x1 map, which it would turn into zeros, passes as it is."""

    def __init__(self, channels):
        super().__init__(channels, affine=False)

    def forward(self, x):
        return x if x.shape[-2:].numel() == 1 else super().forward(x)


def kaiming_weights(module):
    """For `net.apply`: weights that keep the variance through ReLUs (He 2015); no bias at the start."""
    if isinstance(module, CONVOLUTIONS):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        _no_bias(module)


def small_weights(module):
    """For `net.apply`: weights from N(0, 0.02), as all of the pix2pix family; no bias at the start."""
    if isinstance(module, (*CONVOLUTIONS, nn.Linear)):
        nn.init.normal_(module.weight, 0, 0.02)
        _no_bias(module)


def xavier_weights(module):
    """For `net.apply`: small weights that balance both directions (Glorot 2010), as in OASIS."""
    if isinstance(module, CONVOLUTIONS):
        nn.init.xavier_normal_(module.weight, 0.02)
        _no_bias(module)


def _no_bias(module):
    if module.bias is not None:
        nn.init.zeros_(module.bias)


class SpectralNorm(_SpectralNorm):
    """torch's spectral norm in 32 bits: autocast on GPUs would compute it in bfloat16, to 2 or 3 digits.

    The vectors are kept in place, where a CUDA graph finds them, but the gradient is that of new ones: the
    way back needs those of its own call, of which a step has several.
    """

    def forward(self, weight):
        with torch.autocast("cuda", enabled=False):  # on processors, products with vectors stay as they are
            matrix = self._reshape_weight_to_matrix(weight)
            u, v = self._u, self._v
            if self.training:
                with torch.no_grad():
                    u = F.normalize(torch.mv(matrix, v), dim=0, eps=self.eps)
                    v = F.normalize(torch.mv(matrix.H, u), dim=0, eps=self.eps)
                if torch.compiler.is_compiling():  # compiled code looks at the old ones on its way back
                    self._u, self._v = u, v
                else:
                    self._u.copy_(u)
                    self._v.copy_(v)
            return weight / torch.vdot(u, torch.mv(matrix, v))


def spectral_norm(convolution):
    """Divide the weight [out, in, ..] of a convolution by its largest singular value; return it."""
    norm = SpectralNorm(convolution.weight, n_power_iterations=1, dim=0, eps=1e-12)
    register_parametrization(convolution, "weight", norm)
    return convolution
