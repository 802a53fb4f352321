"""Values of `watershed` that contradict each other, or what the U-Nets learn."""

from synthem.config.messages import value_error

OF_CELLS = ("membranes", "mutex", "agglomeration")  # methods of cells that fill the image


def watershed_contradictions(config):
    watershed = config["watershed"]
    yield from _measure(watershed)
    yield from _linking(watershed["bodies"])
    yield from _affinities(watershed, config["unets"]["target"])
    yield from _stride(watershed["mutex"])
    yield from _medians(watershed["median_slices"], config)


def _medians(slices, config):
    """Affinities between slices have a direction, and tiles lie beside nothing."""
    if slices == 1:
        return
    if config["unets"]["target"]["kind"] == "affinities":
        found, fix = f"{slices} with unets.target.kind: affinities", "write 1: affinities stay as they are"
        yield value_error("watershed.median_slices", found, "1", fix)
    named = [config["volumes"][name] for name in config["targets"] if name in config["volumes"]]
    if named and all(volume.get("tiles") for volume in named):
        found, fix = f"{slices} of tiles", "write 1: a tile has no slices beside it"
        yield value_error("watershed.median_slices", found, "1", fix)


def _measure(watershed):
    """The overlap of masks is the same whether two cells are apart or one."""
    used = [method for method in (watershed["method"], *watershed["compare"]) if method in OF_CELLS]
    if used and watershed["tune_by"] == "iou":
        fix = "write `tune_by: cremi_score`"
        yield value_error("watershed.tune_by", f"iou for `{used[0]}`", "cremi_score or voi", fix)


def _linking(bodies):
    if bodies["link_overlap"] > 0 and not bodies["per_slice"]:
        found, fix = f"{bodies['link_overlap']:g} without per_slice", "write `per_slice: true`, or 0"
        yield value_error("watershed.bodies.link_overlap", found, "0 where slices are not apart", fix)


def _stride(mutex):
    if mutex["stride"][0] > 1 and not mutex["across_slices"]:
        fix = "write 1: every slice is cut by itself"
        yield value_error("watershed.mutex.stride", mutex["stride"], "1 for z without across_slices", fix)


def _affinities(watershed, target):
    """`mutex` needs affinities of long range; what joins cells across slices needs those across slices."""
    if target["kind"] != "affinities":
        return
    used, learnt = {watershed["method"], *watershed["compare"]}, target["affinities"]
    if "mutex" in used and not learnt["long_range"]:
        expected, fix = "true for the method `mutex`", "write `long_range: true`, or use another method"
        yield value_error("unets.target.affinities.long_range", "false", expected, fix)
    for method in OF_CELLS:
        if method in used and watershed[method].get("across_slices") and not learnt["across_slices"]:
            fix = "write `across_slices: false`, or `true` in unets.target.affinities"
            yield value_error(f"watershed.{method}.across_slices", "true", "affinities that were learnt", fix)
