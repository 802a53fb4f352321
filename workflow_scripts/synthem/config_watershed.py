"""Settings of the section `watershed` that contradict each other."""

from synthem.config_words import value_error

OF_CELLS = ("membranes", "mutex", "agglomeration")


def watershed_contradictions(config):
    watershed = config["watershed"]
    yield from _measure(watershed)
    yield from _linking(watershed["bodies"])


def _measure(watershed):
    """The overlap of masks does not see whether two cells are one."""
    used = [method for method in (watershed["method"], *watershed["compare"]) if method in OF_CELLS]
    if used and watershed["tune_by"] == "iou":
        fix = "write `tune_by: cremi_score`"
        yield value_error("watershed.tune_by", f"iou for `{used[0]}`", "cremi_score or voi", fix)


def _linking(bodies):
    if bodies["link_overlap"] > 0 and not bodies["per_slice"]:
        found, fix = f"{bodies['link_overlap']:g} without per_slice", "write `per_slice: true`, or 0"
        yield value_error("watershed.bodies.link_overlap", found, "0 where slices are not apart", fix)
