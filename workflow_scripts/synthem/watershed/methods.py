"""Methods that make instances of a prediction, by the config's word.

A method takes a Prediction and its section of the config, and yields (setting, labels) for every setting that
the section lists: values in lists are alternatives. Labels are uint32 [Z, Y, X], ids 1..n, 0 = none.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from synthem.labels.numbering import renumbered, without_small
from synthem.labels.stitching import label_in_blocks
from synthem.labels.thinning import thin_borders
from synthem.watershed.agglomeration import Contacts, find_contacts, fragment_slices, merge_fragments
from synthem.watershed.bodies import segment_instances
from synthem.watershed.linking import link_slices
from synthem.watershed.membranes import lists_of_preset, segment_grid
from synthem.watershed.mutex import mutex_watershed
from synthem.watershed.predictions import Prediction, affinities_of, empty_padding

IN_SLICE = {4: 4, 8: 8, 6: 4, 18: 8, 26: 8}  # neighbours that are left where slices lie apart


def components(prediction, *, threads, thresholds, neighbours, smallest_nm3):
    """Connected parts of the voxels with at least a threshold; with 4 or 8 neighbours, of each slice."""
    neighbours = neighbours if prediction.linked else IN_SLICE[neighbours]
    for threshold in thresholds:
        labels = prediction.zeros(prediction.inside.shape, np.uint32)
        label_in_blocks(
            lambda box, low=threshold: prediction.inside[box] >= low, labels, neighbours=neighbours
        )
        yield {"threshold": threshold}, without_small(labels, _voxels(smallest_nm3, prediction))


def bodies(
    prediction,
    *,
    threads,
    thresholds,
    seeds,
    seed_distance_nm,
    smallest_nm3,
    fill_holes,
    per_slice,
    link_overlap,
):
    """Connected parts, cut where they are narrow: see `segment_instances`."""
    for threshold in thresholds:
        labels = segment_instances(
            prediction.inside,
            prediction.voxel_size_nm,
            linked=prediction.linked,
            threshold=threshold,
            seeds=seeds,
            seed_distance_nm=seed_distance_nm,
            smallest_nm3=_smallest_seen(smallest_nm3, prediction),
            fill_holes=fill_holes,
            per_slice=per_slice,
            link_overlap=link_overlap,
            threads=threads,
            zeros=prediction.zeros,
        )
        yield {"threshold": threshold}, labels


def membranes(
    prediction,
    *,
    threads,
    preset,
    interior_thresholds,
    edge_rises,
    marker_radius,
    most_markers,
    neighbours,
    segment_reach,
    thin,
    link_overlap,
):
    """The watershed of Herreros Fraile 2021, which closes gaps in membranes: see `segment_grid`.

    A preset has thresholds of its own. most_markers 0: all. thin: borders become lines. Cells of neighbouring
    slices are one where their IoU is at least link_overlap; 0: never.
    """
    lists = {"interior_thresholds": interior_thresholds, "edge_rises": edge_rises}
    cells = segment_grid(
        prediction.inside,
        **lists_of_preset(preset) if preset else lists,
        marker_radius=marker_radius,
        most_markers=most_markers or None,
        neighbours=neighbours,
        segment_reach=segment_reach,
        threads=threads,
        zeros=prediction.zeros,
    )
    for low, edge, labels in cells:
        setting = {"interior_threshold": low, "edge_rise": round(edge - low, 9), "edge_threshold": edge}
        if thin:
            labels = _thinned(labels, neighbours, prediction.zeros)
        yield setting, link_slices(labels, overlap=link_overlap if prediction.linked else 0)


def mutex(prediction, *, threads, thresholds, stride, across_slices, smallest_nm3):
    """Mutex watershed of the voxels with at least a threshold."""
    depth = len(prediction.inside)
    for threshold in thresholds:
        labels, highest = prediction.zeros(prediction.inside.shape, np.uint32), 0
        # Slices without edges between them need not be in memory together.
        for slices in _together(depth, across_slices and prediction.linked):
            affinities, steps, attractive = affinities_of(
                prediction, slices, across_slices=across_slices, long_range=True
            )
            mask = prediction.inside[slices] >= threshold
            found = mutex_watershed(affinities, steps, attractive=attractive, stride=stride, mask=mask)
            labels[slices], highest = renumbered(found, highest)
        yield {"threshold": threshold}, without_small(labels, _voxels(smallest_nm3, prediction))


def agglomeration(
    prediction,
    *,
    threads,
    fragment_threshold,
    marker_radius,
    quantile,
    thresholds,
    across_slices,
    smallest_nm3,
):
    """Small fragments of a watershed, merged down to a threshold of the affinity of their border.

    That is the mean over the border, or its `quantile` where this is not 0.
    """
    zeros, quantile = prediction.zeros, quantile or None
    fragments = fragment_slices(
        prediction.inside, interior_threshold=fragment_threshold, marker_radius=marker_radius, zeros=zeros
    )
    found = []
    for slices in _together(len(fragments), across_slices and prediction.linked):
        affinities, steps, _ = affinities_of(
            prediction, slices, across_slices=across_slices, long_range=False
        )
        found.append(find_contacts(fragments[slices], affinities, steps, quantile=quantile))
    contacts = Contacts(*map(np.concatenate, zip(*found, strict=True)))
    for threshold in thresholds:
        labels = merge_fragments(fragments, contacts, quantile=quantile, threshold=threshold, zeros=zeros)
        yield {"threshold": threshold}, without_small(labels, _voxels(smallest_nm3, prediction))


class Method(NamedTuple):
    """A way to instances, and what others have to know of it."""

    candidates: Callable  # (Prediction, threads=..., its settings by name) -> (setting, labels) of each tried
    follows_z: Callable  # its settings -> whether instances go on from slice to slice
    tuned: tuple = ("thresholds",)  # its settings that list values, of which one is chosen
    lengths: tuple = ()  # its settings in pixels: a stack of other pixels has others
    of_fragments: bool = False  # whether its thresholds join fragments, and none is the border of the mask

    @property
    def border(self):
        """The setting that is chosen from the first list: mostly the probability where the mask ends."""
        return self.tuned[0].removesuffix("s")


METHODS = {
    "components": Method(components, lambda settings: settings["neighbours"] not in (4, 8)),
    "bodies": Method(bodies, lambda settings: not settings["per_slice"] or settings["link_overlap"] > 0),
    "membranes": Method(
        membranes,
        lambda settings: settings["link_overlap"] > 0,
        tuned=("interior_thresholds", "edge_rises"),
        lengths=("marker_radius", "segment_reach"),
    ),
    "mutex": Method(mutex, lambda settings: settings["across_slices"]),
    "agglomeration": Method(
        agglomeration,
        lambda settings: settings["across_slices"],
        lengths=("marker_radius",),
        of_fragments=True,
    ),
}


def candidates(prediction, *, method, settings, threads):
    """Yield (setting, labels) of each setting that a method's lists hold; none marks anything in padding."""
    for setting, labels in METHODS[method].candidates(prediction, threads=threads, **settings):
        empty_padding([labels], prediction.tiles)
        yield setting, labels


def segment(prediction, *, method, settings, chosen, threads):
    """Labels with the setting that was chosen of all that the config lists."""
    lists = {name: [chosen[name.removesuffix("s")]] for name in METHODS[method].tuned}
    ((_, labels),) = candidates(prediction, method=method, settings=settings | lists, threads=threads)
    return labels


def _thinned(labels, neighbours, zeros):
    """Cells of slices, grown until only lines part them: no two become one."""
    interior, thin = zeros(labels.shape, bool), zeros(labels.shape, np.uint32)
    for z in range(len(labels)):
        interior[z] = thin_borders(labels[z : z + 1] > 0, neighbours=neighbours)[0]
    label_in_blocks(interior.__getitem__, thin, neighbours=neighbours)
    return thin


def _voxels(smallest_nm3, prediction):
    return _smallest_seen(smallest_nm3, prediction) / np.prod(prediction.voxel_size_nm)


def _smallest_seen(smallest_nm3, prediction):
    """smallest_nm3, or the section of a ball of this volume where neighbouring slices are missing."""
    if not prediction.scattered:
        return smallest_nm3
    radius = (smallest_nm3 * 3 / (4 * np.pi)) ** (1 / 3)
    return np.pi * radius**2 * prediction.voxel_size_nm[0]


def _together(depth, across_slices):
    return [slice(0, depth)] if across_slices else [slice(z, z + 1) for z in range(depth)]


def segment_mask(mask, facts, block, *, method, settings, threads=1):
    """Instances of a block's mask {0, 1} [Z, Y, X], without a threshold, by `components` or `bodies`."""
    inside, linked, scattered = np.asarray(mask, np.float32), facts.linked_in(block), facts.scattered(block)
    prediction = Prediction(inside, None, (), 0, facts.voxel_size_nm, linked, scattered)
    ((_, labels),) = METHODS[method].candidates(prediction, threads=threads, thresholds=[0.5], **settings)
    return labels
