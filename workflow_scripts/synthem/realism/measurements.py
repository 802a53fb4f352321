"""Features of real and generated patches -> rows of distances, with n, interval and floor."""

import numpy as np

from synthem.metrics.ranges import possible, possible_difference, within
from synthem.realism.distances import frechet_distance, jackknife_interval, kernel_distance
from synthem.realism.features import standardised
from synthem.realism.fidelity import iou_of
from synthem.realism.floors import floor_of, sizes_up_to
from synthem.realism.shares import share_above, share_interval, share_of_unseen
from synthem.storage.arrays import open_arrays

BLOCKS = ("train", "test")
PLACE = ("volume", "data_set", "budget", "replicate", "block")
COLUMNS = (*PLACE, "step", "score", "n", "value", "low", "high", "floor")
FLOOR_COLUMNS = (*PLACE, "score", "n", "value", "low", "high")
FIDELITY = "fidelity"
BETWEEN_BLOCKS = "train against test"
SCORES = {  # score: (the features it is of, distance)
    "fd": ("filters", frechet_distance),
    "kd": ("filters", kernel_distance),
    "fid": ("inception", frechet_distance),
}


def read_measured(path):
    """What `measuring` has found: {name: array}, with `patches`, the n of all distances, and the `steps`."""
    with open_arrays(path) as file:
        about = {"patches": int(file.attrs["patches"]), "steps": [int(step) for step in file.attrs["steps"]]}
        folders = ["real", *(f"{step:08d}" for step in about["steps"])]
        names = [f"{one}/{block}" for one in folders for block in BLOCKS]
        return about | {
            f"{name}/{array}": file[f"{name}/{array}"][...] for name in names for array in file.names(name)
        }


def floor_rows(measured):
    """Real patches against real ones of the same slices, and of the two blocks: for several n.

    Of fidelity: how far the masks of real slices are found in these.
    """
    rows, n = [], measured["patches"]
    for score, distance, real in _scores(measured):
        pools = {block: real[block] for block in BLOCKS}
        pairs = {
            "train": (pools["train"], None),
            "test": (pools["test"], None),
            BETWEEN_BLOCKS: pools.values(),
        }
        for block, (a, b) in pairs.items():
            for size in sizes_up_to(len(a) // 2, wanted=n):
                mean, low, high = floor_of(distance, a, b, n=size, seed=block)
                about = {"block": block, "score": score, "n": size}
                rows.append(about | {"value": mean, "low": low, "high": high})
    for block in BLOCKS:
        if f"real/{block}/overlap" in measured:
            rows.append({"block": block} | _fidelity_of(measured, f"real/{block}", block))
    return rows


def realism_rows(measured, floors):
    """Generated patches of each step against real patches of other places of the same block.

    Those are painted on the masks of the first n real patches and compared with the next n, so that a perfect
    generator lies at the floor. floors: of `floor_rows`.
    """
    n = measured["patches"]
    # Of fidelity there is one, of slices; of distances one for each of several n.
    at = {
        (row["block"], row["score"]): row["value"]
        for row in floors
        if row["n"] == n or row["score"] == FIDELITY
    }
    rows = []
    for block in BLOCKS:
        slices = measured[f"real/{block}/slices"]
        for step in measured["steps"]:
            for score, distance, real in _scores(measured):
                features = measured[f"{step:08d}/{block}/{SCORES[score][0]}"]
                if score != "fid":
                    features = standardised(features, _unit(measured))
                sets = (features, slices[:n]), (real[block][n : 2 * n], slices[n : 2 * n])
                rows.append(
                    {"block": block, "step": step, "score": score, "n": n}
                    | _with_interval(distance, *sets)
                    | {"floor": at[block, score]}
                )
            rows += _diversity_rows(measured, block, step)
            if f"{step:08d}/{block}/overlap" in measured:
                rows += _fidelity_rows(measured, block, step, floor=at[block, FIDELITY])
            if f"{step:08d}/{block}/match" in measured:  # of the last step alone
                rows.append(_copied_row(measured, block, step))
    return rows


def _diversity_rows(measured, block, step):
    """Mean difference of two images of one mask: in grey levels, and against that of two real slices."""
    n, slices = measured["patches"], measured[f"real/{block}/slices"][: measured["patches"]]
    own = measured[f"{step:08d}/{block}/diversity"][:, None], slices
    between = measured[f"real/{block}/difference"][:, None], slices
    about = {"block": block, "step": step, "n": n, "floor": None}
    yield about | {"score": "diversity"} | _with_interval(_mean, own)
    relative = {"value": None, "low": None, "high": None}
    if not np.isnan(between[0]).all():
        relative = _with_interval(_ratio, own, between)
    yield about | {"score": "diversity_relative"} | relative


def _fidelity_of(measured, name, block):
    """The IoU of masks with what a network of real slices finds in their images."""
    counts = measured[f"{name}/overlap"]
    return {"score": FIDELITY, "n": len(counts)} | _over_slices(
        iou_of, possible(FIDELITY), measured, block, counts
    )


def _fidelity_rows(measured, block, step, *, floor):
    """That IoU, and how far it is from that of the real images of the same masks, in pairs."""
    about = {"block": block, "step": step}
    yield about | _fidelity_of(measured, f"{step:08d}/{block}", block) | {"floor": floor}
    pairs = measured[f"{step:08d}/{block}/overlap"], measured[f"real/{block}/overlap"]
    bounds = possible_difference(FIDELITY)
    differs = _over_slices(lambda own, real: iou_of(own) - iou_of(real), bounds, measured, block, *pairs)
    yield about | {"score": f"{FIDELITY}_difference", "n": len(pairs[0])} | differs | {"floor": None}


def _over_slices(statistic, bounds, measured, block, *counts):
    """A statistic of counts of whole slices of a block, with its interval over these, within bounds."""
    sets = [(own, measured[f"real/{block}/overlap_slices"]) for own in counts]
    return {key: within(value, bounds) for key, value in _with_interval(statistic, *sets).items()}


def _copied_row(measured, block, step):
    """The share of images whose grain is more like a place of the training slices than real unseen ones are.

    A mask alone fixes a part of the image that belongs to it, which is a training slice where the mask was
    learnt. So there, images must also be more like it than images on masks of the test block are like the
    real image there, which was not learnt.
    """
    own = measured[f"{step:08d}/{block}/match"]
    slices = {name: measured[f"real/{name}/slices"][: len(own)] for name in BLOCKS}
    unseen = [measured[f"{step:08d}/test/{name}"] for name in ("unseen", "own")[: 1 + (block == "train")]]
    low, high = share_interval((own, slices[block]), *((values, slices["test"]) for values in unseen))
    return {
        "block": block,
        "step": step,
        "score": "copied",
        "n": len(own),
        "value": share_above(own, *unseen),
        "low": low,
        "high": high,
        "floor": share_of_unseen(unseen[-1], slices["test"], *unseen[:-1]),
    }


def _scores(measured):
    """(score, distance, {block: features of real patches}) of each score whose features are there."""
    for score, (kind, distance) in SCORES.items():
        if f"real/train/{kind}" in measured:
            real = {block: measured[f"real/{block}/{kind}"] for block in BLOCKS}
            if score != "fid":  # whose features are published as they are
                real = {block: standardised(own, _unit(measured)) for block, own in real.items()}
            yield score, distance, real


def _unit(measured):
    """The real patches whose spread is the unit of distances: those of the test block.

    All budgets and replicates have that block. Training slices are other ones in each: in their spread, which
    kernel distances have to the sixth power, means over replicates were of several units.
    """
    return measured["real/test/filters"]


def _with_interval(statistic, *sets):
    low, high = jackknife_interval(statistic, *sets)
    return {"value": statistic(*(features for features, _ in sets)), "low": low, "high": high}


def _mean(values):
    return float(values.mean())


def _ratio(own, between):
    """0 for a generator without chance, even where all real patches look alike."""
    whole = np.nanmean(between)
    return float(own.mean() / whole) if whole > 0 else 0.0
