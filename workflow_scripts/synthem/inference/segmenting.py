"""A trained segmenter and how it is applied: to single slices, or to blocks of them where it is 3-D."""

from functools import partial
from math import prod

import numpy as np
import torch
from torch.nn.modules.instancenorm import _InstanceNorm

from synthem.compute.memory import memory_explained, refuse_too_wide, window_need
from synthem.compute.precision import computing_in, precision_here
from synthem.errors import SynthemError, bytes_in_words
from synthem.inference.folding import folded
from synthem.inference.turns import TURNS
from synthem.inference.windows import cuts, fade, overlapping, tiles
from synthem.intensity import GREYS, levels_for, network_input

BLOCK_BYTES = 22  # of a voxel that a 3-D network sees: the image, standardised, stacked, and the answer


class Segmenter:
    """Applies a trained network: images and known masks -> probabilities, by the settings of `inference`.

    A slice no longer than `tile` goes through as a whole. A longer one is cut in tiles, each seen with `halo`
    pixels around it that are then thrown away: the result equals the whole slice's where `halo` is at least
    the reach of the network's receptive field (that of a 3-D network without pooling nearly, but for sizes of
    its own grid). With instance norm nothing equals the whole, since each tile has statistics of its own:
    such tiles overlap by `halo` and fade into each other. A 3-D network sees blocks of `tile_slices` with
    `halo_slices` on both sides, by the same rules. turns: 1, or 8 for the mean over all turns and mirror
    images of the slices.
    """

    def __init__(self, net, *, tile, halo, tile_slices, halo_slices, turns, precision, device):
        self.outputs = net.built_as["arguments"]["out_channels"]
        if self.outputs > 1 and turns > 1:
            raise SynthemError(
                "CONFIG_VALUE",
                "inference.turns",
                f"{turns} with a network of {self.outputs} affinities, each of one direction",
                expected="1",
                fix="set it to 1: turned, a direction is another one",
            )
        self.net, self.greys = folded(net), net.greys
        multiple = (net.multiple,) * 2 if isinstance(net.multiple, int) else tuple(net.multiple)
        self.solid = len(multiple) == 3
        # On a processor 15 to 30 % faster in 3-D from base_width 16 on (benchmarks/inference_3d.py).
        self.net.to(device, memory_format=torch.channels_last_3d if self.solid else torch.channels_last)
        self.blends = any(isinstance(module, _InstanceNorm) for module in net.modules())
        self.corner = int(self.solid and not net.pads)
        self.tile, self.halo, self.multiple = tile, halo, multiple
        self.tile_slices, self.halo_slices = (tile_slices, halo_slices) if self.solid else (1, 0)
        self.to_lower = {"tile": tile} | ({"tile_slices": tile_slices} if self.solid else {})
        self.turns, self.precision, self.device = TURNS[turns], precision_here(precision), device
        self.share = 0.5 if self.precision == "bf16" else 1  # of the bytes of float32
        self.fitting = set()  # shapes of windows that are known to fit

    def cuts(self, depth):
        """How a stack of `depth` slices is cut: [(slices to see, which of them count, their place), ...]."""
        multiple = self.multiple[0] if self.solid else 1
        steps = {"step": self.tile_slices, "halo": self.halo_slices}
        return cuts(depth, **steps, multiple=multiple, corner=self.corner)

    @torch.inference_mode()
    def probabilities(self, channels):
        """float32 [Z, Y, X], or [Z, Y, X, C] of a network with several outputs.

        channels: [image, *known masks], [Z, Y, X] each (an image of colours [Z, Y, X, C]), in the order of
        the PatchSet it was trained on; one slice, or the slices that a 3-D network is to see together.
        """
        if not self.solid:
            return self._probabilities(channels)
        lower = {"tile_slices": self.tile_slices, "halo_slices": self.halo_slices}
        need = partial(_block_need, channels[0].shape[:3])
        with memory_explained("inference", settings=lower, need=need):
            return self._probabilities(channels)

    def _probabilities(self, channels):
        seen = torch.from_numpy(_seen(self.greys, *channels))  # [C, Z, Y, X]
        seen = (seen if self.solid else seen[:, 0])[None].to(self.device)
        answers = (turn.back(self._of_windows(turn.there(seen))) for turn in self.turns)
        mean = sum(answers) / len(self.turns) if len(self.turns) > 1 else next(answers)
        mean = (mean if self.solid else mean[:, None]).cpu().numpy()  # [C, Z, Y, X]
        return mean[0] if self.outputs == 1 else np.moveaxis(mean, 0, -1)

    def _of_windows(self, seen):
        """[1, in, *size] -> [out, *size]: y and x in tiles where they are large."""
        shape = seen.shape[-2:]
        if max(shape) <= self.tile:
            return self._of(seen)
        return self._blended(seen, shape) if self.blends else self._joined(seen, shape)

    def _joined(self, seen, shape):
        joined = None
        sizes = {"tile": self.tile, "halo": self.halo, "multiple": self.multiple[-2:]}
        for window, inner, place in tiles(shape, **sizes, corner=self.corner):
            part = self._of(seen[..., *window])[..., *inner]
            if joined is None:
                joined = part.new_empty(*part.shape[:-2], *shape)
            joined[..., *place] = part
        return joined

    def _blended(self, seen, shape):
        total, weights = None, seen.new_zeros(shape)
        for place in overlapping(shape, tile=self.tile, overlap=self.halo):
            weight = torch.from_numpy(fade(place, shape, overlap=self.halo)).to(self.device)
            part = self._of(seen[..., *place])
            if total is None:
                total = part.new_zeros(*part.shape[:-2], *shape)
            total[..., *place] += weight * part
            weights[place] += weight
        return total / weights

    def _of(self, seen):
        if seen.shape not in self.fitting and self.device.type == "cpu":
            lower = {"section": "inference", "settings": self.to_lower}
            refuse_too_wide(self.net, seen.shape, share=self.share, **lower)
            self.fitting.add(seen.shape)
        need = partial(window_need, self.net, seen.shape, share=self.share)
        with memory_explained("inference", settings=self.to_lower, need=need):
            with computing_in(self.precision, self.device):
                logits = self.net(seen)[0]
            return torch.sigmoid(logits.float())


def _block_need(shape):
    size = " x ".join(map(str, shape))
    need = bytes_in_words(BLOCK_BYTES * prod(shape))
    return f"slices that are seen together, {size}, need about {need} however small tiles are"


def _seen(greys, image, *masks):
    """The network's input of some slices, each standardised by itself: float32 [C, Z, Y, X]."""
    image = levels_for(greys, image)
    known = np.stack(masks, axis=1) if masks else np.empty((len(image), 0, *image.shape[1:3]), np.uint8)
    means, deviations = GREYS[greys](image)
    planes = zip(image, means, deviations, known, strict=True)
    return np.stack([network_input(*plane) for plane in planes], axis=1)
