"""Losses of a pair of networks on what it learns from and on what it never sees, as rows of a table."""

from synthem.training.validation import held_out_batches

COLUMNS = ("variant", "volume", "block", "step", "score", "n", "value", "low", "high")
LOSSES = {  # score: the losses of a history whose sum it is
    "d_loss": ("d_real", "d_fake"),
    "d_real": ("d_real",),
    "d_fake": ("d_fake",),
    "g_loss": ("g_loss",),
    "g_adversarial": ("g_adversarial",),
    "g_l1": ("g_l1",),
}


def loss_rows(history, *, batch_size):
    """Rows {block, step, score, n, value, low, high} of a history of a Boundless training.

    A row for each look at held-out images, block `test`, and beside it, block `train`, the mean of the steps
    since the look before. n: how many patches that are. One training has no interval.
    """
    rows, last = [], 0
    for step, held_out in enumerate(history, start=1):
        if held_out.get("validation_g_loss") is None:
            continue
        learnt = history[last:step]
        counts = {"train": len(learnt) * batch_size, "test": held_out_batches(batch_size) * batch_size}
        for score, parts in LOSSES.items():
            means = {
                "train": sum(row[part] for row in learnt for part in parts) / len(learnt),
                "test": sum(held_out[f"validation_{part}"] for part in parts),
            }
            rows += [
                {"block": block, "step": step, "score": score, "n": counts[block], "value": value}
                | {"low": None, "high": None}
                for block, value in means.items()
            ]
        last = step
    return rows
