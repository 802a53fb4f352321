"""How calmly two networks train against each other: how much their losses swing."""

import numpy as np

WINDOWS = 10  # of a training
SMOOTHED = 100  # parts of a training over which a loss is averaged first: batches differ, too
LOSSES = ("d_real", "d_fake", "g_adversarial")
COLUMNS = ("volume", "variant", "budget", "replicate", "step", "score", "n", "value", "low", "high")


def stability_rows(history):
    """Losses of a training [{step, d_real, ...}] -> rows {step, score, n, value}: how much they swing.

    That is the standard deviation of the loss, smoothed by a moving mean over a hundredth of the training, so
    that what differs from batch to batch counts little. A window is a tenth of it. step: its last; n: its
    steps.
    """
    rows = []
    for loss in LOSSES:
        values = np.array([row[loss] for row in history if row.get(loss) is not None], float)
        if len(values) < 2:
            continue
        smooth = moving_mean(values, max(1, len(values) // SMOOTHED))
        end = 0
        for part in np.array_split(smooth, min(WINDOWS, len(smooth) // 2)):
            end += len(part)
            about = {"step": end, "score": f"{loss}_deviation", "n": len(part)}
            rows.append(about | {"value": float(part.std()), "low": None, "high": None})
    return rows


def moving_mean(values, width):
    """[n] -> [n]: the mean of each value and those before it, `width` together where there are so many."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)
