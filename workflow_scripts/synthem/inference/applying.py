"""Predicts whole stacks by one network or several; a killed job goes on behind the last piece it wrote."""

from pathlib import Path

import numpy as np
from skimage.transform import resize

from synthem.errors import SynthemError
from synthem.inference.parts import chunks_of, gather_parts, share_of
from synthem.storage.arrays import as_stored, read_array, write_arrays, writing_arrays
from synthem.storage.naming import count_text
from synthem.storage.provenance import fingerprint
from synthem.storage.temporaries import remove
from synthem.storage.volumes import open_volume

PIECE = 8  # slices: what a kill costs, at most, where a network sees slices one by one
FULL = 2  # 1 / the largest standard deviation of numbers from 0 to 1


def predict_stack(path, volume, segmenters, *, learnt_nm, pieces, part=1, parts=1):
    """Write `test`, the mean probability of all networks, uint8 [z, y, x] or [z, y, x, c], of a whole volume.

    Of several networks also `disagreement`, uint8 [z, y, x]: twice the standard deviation of what they say,
    255 where one half is sure of the structure and the other of its absence. learnt_nm (z, y, x): the voxels
    that slices are resampled to for the networks, and probabilities back; None: as they are. pieces: a folder
    for this prediction alone, with what a killed job has finished; parts of one prediction share it.
    """
    with open_volume(volume) as stored:
        shape, facts = stored.shape, stored.facts
    chunks = chunks_of({"test": facts.blocks["test"]}, segmenters[0].cuts)
    groups = _pieces_of(share_of(chunks, part, parts))
    files = {Path(pieces) / _piece_name(*_slices_of(group)): group for group in groups}
    for group in groups:
        _remove_others(pieces, *_slices_of(group), kept=files)
    for file, group in files.items():
        if not file.exists():
            _write_piece(file, volume, segmenters, group, shape, facts.voxel_size_nm, learnt_nm)
    if files:
        gather_parts(path, [*files])
    else:  # more parts than there are slices
        write_arrays(path, {}, {"voxel_size_nm": facts.voxel_size_nm})
    for file in files:
        remove(file)


def name_of(volume, settings, *, code, networks):
    """What tells one prediction from others: the stack as it was read, how, by which code and networks."""
    return fingerprint(settings=settings, code=code, inputs=[volume, *networks])


def make_room(folder, name):
    """The folder of one prediction below `folder`: what others left there, by other settings, goes."""
    for old in Path(folder).glob("*"):
        if old.name != name:
            remove(old)
    return Path(folder) / name


def refuse_no_network(networks, *, arm):
    """An error where an arm has no network: too few of its synthetic images passed the filter."""
    if not networks:
        raise SynthemError(
            "DATA_VALUE",
            "apply.arm",
            f"no replicate of `{arm}` has a network: too few of its synthetic images passed the filter",
            expected="an arm that was trained",
            fix="name another arm, or leave it empty for the best one",
        )


def refuse_other_colours(volume, net):
    """An error where a network of grey slices is to see colours, or the other way round."""
    with open_volume(volume) as stored:
        channels = stored.shape[3] if len(stored.shape) == 4 else 1
    learnt = net.built_as["arguments"]["in_channels"]
    if channels != learnt:
        raise SynthemError(
            "DATA_SHAPE",
            volume,
            f"slices of {count_text(channels, 'channel')}, while the network has learnt on {learnt}",
            expected=f"slices of {count_text(learnt, 'channel')}",
            fix="save the stack in grey" if learnt == 1 else "give the stack in colour",
        )


def _pieces_of(chunks):
    """Chunks in groups of at least PIECE slices, but for the last."""
    groups, count = [], PIECE
    for chunk in chunks:
        if count >= PIECE:
            groups.append([])
            count = 0
        groups[-1].append(chunk)
        count += chunk.count
    return groups


def _slices_of(chunks):
    return chunks[0].first, chunks[-1].first + chunks[-1].count


def _piece_name(first, end):
    return f"{first:06}-{end:06}.h5"


def _remove_others(folder, first, end, *, kept):
    """Delete pieces with some of these slices but those `kept`: another number of parts left them."""
    for file in Path(folder).glob("??????-??????.h5"):
        low, high = map(int, file.stem.split("-"))
        if low < end and first < high and file not in kept:
            remove(file)


def _write_piece(path, volume, segmenters, chunks, shape, own_nm, learnt_nm):
    first, end = _slices_of(chunks)
    outputs, flat = segmenters[0].outputs, (end - first, *shape[1:3])
    kinds = {"test": (flat if outputs == 1 else (*flat, outputs), np.uint8)}
    kinds |= {"disagreement": (flat, np.uint8)} if len(segmenters) > 1 else {}
    with writing_arrays(path, kinds, {"voxel_size_nm": own_nm}) as put:
        for chunk in chunks:
            image = read_array(volume, "image", block=[chunk.window])
            mean, spread = _of_all(segmenters, _resampled(image, own_nm, learnt_nm), chunk.inner)
            put("test", chunk.first - first, as_stored(_to_size(mean, shape[1:3])))
            if spread is not None:
                put("disagreement", chunk.first - first, as_stored(_to_size(spread, shape[1:3])))


def _of_all(segmenters, image, inner):
    """The mean of all networks' probabilities, and FULL times their deviation; None of a single one."""
    mean = squares = 0
    for segmenter in segmenters:
        found = segmenter.probabilities([image])[inner]
        mean = mean + found / len(segmenters)
        squares = squares + found**2 / len(segmenters)
    if len(segmenters) == 1:
        return found, None
    spread = FULL * np.sqrt(np.maximum(squares - mean**2, 0))
    return np.clip(mean, 0, 1), np.clip(spread if spread.ndim == 3 else spread.mean(axis=3), 0, 1)


def _resampled(image, own_nm, learnt_nm):
    """Slices with pixels of another size, interpolated; smoothed before where there are fewer then."""
    if learnt_nm is None:
        return image
    scale = np.divide(own_nm[1:], learnt_nm[1:])
    size = tuple(max(1, round(pixels * times)) for pixels, times in zip(image.shape[1:3], scale, strict=True))
    return np.rint(_to_size(image.astype(np.float32), size)).astype(image.dtype)


def _to_size(planes, size):
    if planes.shape[1:3] == size:
        return planes
    settings = {"order": 1, "anti_aliasing": True, "preserve_range": True}
    return np.stack([resize(plane, size, **settings) for plane in planes])
