"""Probabilities at some steps of a training -> scores of learnt slices and of the test block at each."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from pathlib import Path

    from synthem.metrics.columns import SNAPSHOT_COLUMNS
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_table
    from synthem.watershed.over_training import scores_of_step

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    settings = {key: params[key] for key in ("structure", "target", "median_slices", "watershed", "metrics")}
    rows = []
    for path in sorted(Path(inputs.probabilities).glob("step-*.h5")):
        about = dict(run.items()) | {"step": int(path.stem.rpartition("-")[2])}
        scores = scores_of_step(path, inputs.volume, draw, threads=snakemake.threads, **settings)
        rows += [about | row for row in scores]
        say(f"step {about['step']} scored")
    write_table(snakemake.output.scores, rows, SNAPSHOT_COLUMNS)
