"""Rows of score tables whose label curves can be drawn with a pencil."""


def score_row(arm, slices, replicate, iou, seed=1, scope="volume"):
    row = {"volume": "mine", "arm": arm, "budget": slices, "labelled_slices": slices, "replicate": replicate}
    return row | {"seed": seed, "scope": scope, "iou": iou}


def table(curves):
    """Rows of {arm: {replicate: {slices: IoU}}}."""
    return [
        score_row(arm, slices, replicate, iou)
        for arm, replicates in curves.items()
        for replicate, points in replicates.items()
        for slices, iou in points.items()
    ]
