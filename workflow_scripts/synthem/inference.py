"""Networks applied to volumes, slice by slice: memory holds the result and the work of one slice."""

from itertools import product

import numpy as np
import torch

from synthem.gans.drawing import noise_for, ready_to_draw
from synthem.intensity import colours_last, from_unit, network_conditions, network_input, slice_statistics
from synthem.seeds import derived_seed


@torch.inference_mode()
def predict_slices(net, channels, *, tile, halo, device):
    """Probabilities float32 [Z, Y, X] of a segmenter.

    channels: [image, *known masks], [Z, Y, X] each (an image of colours [Z, Y, X, C]), in the order of the
    PatchSet it was trained on. A slice no longer than `tile` goes through as a whole. A longer one is cut in
    tiles, each seen with `halo` pixels around it that are then thrown away: the result equals the whole
    slice's where `halo` is at least the reach of the network's receptive field (`tile` and `halo` are
    fitted to its pooling grid).
    """
    image, *masks = channels
    net.to(device, memory_format=torch.channels_last).eval()
    depth, *shape = image.shape[:3]
    probability = np.empty((depth, *shape), np.float32)
    for z, plane in enumerate(image):
        (mean,), (deviation,) = slice_statistics(plane[None])
        known = np.stack([mask[z] for mask in masks]) if masks else np.empty((0, *shape), np.uint8)
        seen = torch.from_numpy(network_input(plane, mean, deviation, known))[None].to(device)  # [1, C, Y, X]
        for window, inner, place in tiles(shape, tile=tile, halo=halo, multiple=net.multiple):
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
    """Images uint8 [Z, Y, X], or [Z, Y, X, C] in colour, that a generator draws for masks.

    conditions {0, 1} [M, Z, Y, X]. Chance (dropout, which stays on, and noise channels) is seeded for each
    slice by (seed, z). A slice no longer than `tile` is drawn as a whole. Tiles of a longer one overlap by
    `halo` and fade into each other, since instance norm sees each tile's own statistics and they do not fit
    without a seam.
    """
    ready_to_draw(generator.to(device), dropout=True)
    image = None
    with torch.random.fork_rng(devices=[device] if torch.device(device).type == "cuda" else []):
        for z in range(len(conditions[0])):
            asked = network_conditions(np.stack([mask[z] for mask in conditions]))
            asked = torch.from_numpy(asked)[None].to(device)  # [1, M, Y, X]
            torch.manual_seed(derived_seed(seed, "generate", z))
            plane = colours_last(from_unit(_drawn(generator, asked, tile=tile, halo=halo)))
            if image is None:  # only what is drawn says whether it has colours
                image = np.empty((len(conditions[0]), *plane.shape), np.uint8)
            image[z] = plane
    generator.eval()
    return image


def _drawn(generator, asked, *, tile, halo):
    """One slice from its tiles: [1, M, Y, X] -> float32 [C, Y, X]."""
    shape = asked.shape[2:]
    noise = noise_for(generator, asked)
    drawn, weights = None, np.zeros(shape, np.float32)
    for place in overlapping(shape, tile=tile, overlap=halo):
        weight = fade(place, shape, overlap=halo)
        seen = [channels[..., *place] for channels in (asked, noise) if channels is not None]
        part = generator(*seen)[0].cpu().numpy()  # [C, y, x]
        if drawn is None:
            drawn = np.zeros((len(part), *shape), np.float32)
        drawn[:, *place] += weight * part
        weights[place] += weight
    return drawn / weights


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
