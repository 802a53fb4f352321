"""Networks applied to volumes, slice by slice: memory holds the result and the work of one slice."""

from itertools import product

import numpy as np
import torch

from synthem.intensity import from_unit, network_conditions, network_input, slice_statistics
from synthem.seeds import derived_seed


@torch.inference_mode()
def predict_slices(net, channels, *, tile, halo, device):
    """Probabilities float32 [Z, Y, X] of a segmenter.

    channels: [image, *known masks], each [Z, Y, X], in the order of the PatchSet it was trained on. A slice
    no longer than `tile` goes through as a whole. A longer one is cut in tiles, each seen with `halo` pixels
    around it that are then thrown away: the result equals the whole slice's where `halo` is at least the
    reach of the network's receptive field (`tile` and `halo` are fitted to its pooling grid).
    """
    image, *masks = channels
    net.to(device, memory_format=torch.channels_last).eval()
    probability = np.empty(image.shape, np.float32)
    for z, plane in enumerate(image):
        (mean,), (deviation,) = slice_statistics(plane[None])
        known = np.stack([mask[z] for mask in masks]) if masks else np.empty((0, *plane.shape), np.uint8)
        seen = torch.from_numpy(network_input(plane, mean, deviation, known))[None].to(device)  # [1, C, Y, X]
        for window, inner, place in tiles(plane.shape, tile=tile, halo=halo, multiple=net.multiple):
            logits = net(seen[..., *window])[0, 0]
            probability[z, *place] = torch.sigmoid(logits[inner]).cpu().numpy()
    return probability


def tiles(shape, *, tile, halo, multiple):
    """(what the network sees, which part of its answer counts, where that goes): pairs of slices in y and x.

    Windows start on multiples of the network's pooling grid, or the pooled pixels would be others than
    in the whole slice.
    """
    if max(shape) <= tile:
        whole = tuple(slice(0, length) for length in shape)
        return [(whole, whole, whole)]
    tile = max(tile // multiple, 1) * multiple
    halo = -(-halo // multiple) * multiple
    return [
        tuple(zip(*pair, strict=True)) for pair in product(*(_cuts(length, tile, halo) for length in shape))
    ]


def _cuts(length, tile, halo):
    """Along one axis: windows [first - halo, end + halo], the inner part of each, and its place."""
    cuts = []
    for first in range(0, length, tile):
        end = min(first + tile, length)
        low, high = max(first - halo, 0), min(end + halo, length)
        cuts.append((slice(low, high), slice(first - low, end - low), slice(first, end)))
    return cuts


@torch.inference_mode()
def generate_slices(generator, conditions, *, tile, halo, seed, device):
    """Images uint8 [Z, Y, X] that a generator draws for masks: conditions {0, 1} [C, Z, Y, X].

    Dropout stays on: it is pix2pix's source of chance, seeded for each slice by (seed, z). A slice no longer
    than `tile` is drawn as a whole. Tiles of a longer one overlap by `halo` and fade into each other,
    since instance norm sees each tile's own statistics and they do not fit without a seam.
    """
    depth, *shape = np.shape(conditions[0])
    generator.to(device).train()
    image = np.empty((depth, *shape), np.uint8)
    with torch.random.fork_rng(devices=[device] if torch.device(device).type == "cuda" else []):
        for z in range(depth):
            asked = network_conditions(np.stack([mask[z] for mask in conditions]))
            asked = torch.from_numpy(asked)[None].to(device)  # [1, C, Y, X]
            torch.manual_seed(derived_seed(seed, "generate", z))
            drawn, weights = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
            for place in overlapping(shape, tile=tile, overlap=halo):
                weight = fade(place, shape, overlap=halo)
                drawn[place] += weight * generator(asked[..., *place])[0, 0].cpu().numpy()
                weights[place] += weight
            image[z] = from_unit(drawn / weights)
    generator.eval()
    return image


def overlapping(shape, *, tile, overlap):
    """Tiles (pairs of slices) that cover the shape, all full; neighbours share at least `overlap` pixels."""
    if max(shape) <= tile:
        return [tuple(slice(0, length) for length in shape)]
    step = max(tile - overlap, 1)
    axes = []
    for length in shape:
        last = max(length - tile, 0)
        firsts = [*range(0, last, step), last]
        axes.append([slice(first, min(first + tile, length)) for first in firsts])
    return list(product(*axes))


def fade(place, shape, *, overlap):
    """Weights [Y, X] of a tile: 1 inside, falling towards each border that is not the slice's own."""
    ramps = []
    for cut, length in zip(place, shape, strict=True):
        position = np.arange(cut.start, cut.stop, dtype=np.float32)
        from_start = np.full_like(position, np.inf) if cut.start == 0 else position - cut.start + 1
        from_end = np.full_like(position, np.inf) if cut.stop == length else cut.stop - position
        ramps.append(np.clip(np.minimum(from_start, from_end) / (overlap + 1), 0, 1))
    return ramps[0][:, None] * ramps[1]
