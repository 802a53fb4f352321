"""Whether stacks without labels are such as the networks that shall segment them have learnt on."""

from itertools import product

import numpy as np

from synthem.checks.contrast import REMEDY, contrast_of
from synthem.checks.findings import in_nm
from synthem.errors import SynthemError
from synthem.ingest.pieces import common_frame
from synthem.ingest.resizing import MOST_LARGER, resizing_of

OWN = "the networks"  # those of the target, in messages
ALIKE = 0.1  # of a side of a voxel: less of a difference is that of shrinking sections


def compare_stacks(stacks, entries, target, volume):
    """Compare {name: Checked} with the Checked target, of which `volume` is the entry."""
    for name, stack in stacks.items():
        finding = stack.findings["", "image"]
        if volume_of := entries[name]["test_of"]:
            finding.warn(
                f"no masks, so it is segmented (results/apply/{name}) and not scored: "
                f"scores come from a block of {volume_of} itself, see split"
            )
        if stack.grey and target.grey:
            with finding.catching():
                _refuse_other_colours(finding, stack.grey.colour, target.grey.colour, OWN)
            _warn_of_inverted(finding, contrast_of(entries[name], stack), contrast_of(volume, target))
        if stack.voxel_size_nm and target.voxel_size_nm and target.images:
            with finding.catching():
                learnt = _learnt_voxels(target, volume)
                _judge_sizes(finding, stack.voxel_size_nm, learnt, OWN, resample=entries[name]["resample"])


def compare_with_shared(stacks, entries, networks):
    """Compare {name: Checked} with {name: {voxel_size_nm, colour}}, what shared networks have learnt on.

    Each is named: of several, a stack may suit one and not another.
    """
    for (name, stack), (theirs, known) in product(stacks.items(), networks.items()):
        finding, whose = stack.findings["", "image"], f"the networks `{theirs}`"
        if stack.grey:
            with finding.catching():
                _refuse_other_colours(finding, stack.grey.colour, known["colour"], whose)
        if stack.voxel_size_nm:
            with finding.catching():
                learnt, resample = known["voxel_size_nm"], entries[name]["resample"]
                _judge_sizes(finding, stack.voxel_size_nm, learnt, whose, resample=resample)


def _learnt_voxels(target, volume):
    frame = common_frame([seen.stack for seen in target.images.values()])
    return resizing_of(volume, frame, alike=True).voxel_size_nm(target.voxel_size_nm)


def _refuse_other_colours(finding, own, learnt, whose):
    own, learnt = ("in colour" if one else "grey" for one in (own, learnt))
    if own != learnt:
        raise SynthemError(
            "DATA_SHAPE",
            finding.source,
            f"a stack {own}, while {whose} have learnt on slices that are {learnt}",
            expected=f"a stack that is {learnt}",
            fix=f"save it {learnt}" if learnt == "grey" else "give the stack in colour",
        )


def _warn_of_inverted(finding, own, learnt):
    if own and learnt and own != learnt:
        words = f"thin lines are {own} here, and {learnt} in what the networks have learnt on"
        finding.warn(f"{words}: {REMEDY}")


def _judge_sizes(finding, own, learnt, whose, *, resample):
    """A warning where voxels differ; an error where pixels do by more than interpolation can make up."""
    if np.allclose(own, learnt, rtol=ALIKE):
        return
    sizes = f"voxels of {in_nm(own)} nm, while {whose} have learnt on {in_nm(learnt)} nm"
    if not np.isclose(own[0], learnt[0], rtol=ALIKE):
        finding.warn(f"{sizes}: slices are of another thickness, which is never resampled")
    if np.allclose(own[1:], learnt[1:], rtol=ALIKE):
        return
    if not resample:
        finding.warn(
            f"{sizes}: set apply.stacks.{finding.volume}.resample to true, or objects look too large or small"
        )
    elif max(np.divide(own[1:], learnt[1:])) > MOST_LARGER:
        raise SynthemError(
            "DATA_SHAPE",
            f"apply.stacks.{finding.volume}.resample",
            sizes,
            expected=f"pixels at most {MOST_LARGER} times as large as theirs",
            fix="take a stack of a finer resolution, or correct voxel_size_nm",
        )
    else:
        finding.note(f"{sizes}: slices are brought to these pixels and probabilities back")
