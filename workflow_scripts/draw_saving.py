"""Scores and the slices that each arm is worth -> the figure of label saving."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.comparison.label_curves import raw_curves, rising
    from synthem.comparison.saving import score_to_read
    from synthem.figures.saving import saving_figure
    from synthem.storage.files import write_bytes
    from synthem.storage.tables import read_table

    params = snakemake.params
    scores, rows = (read_table(snakemake.input[name]) for name in ("scores", "savings"))
    asked = {"reference": params.reference, "endpoint": score_to_read(params.endpoint)}
    curves = {arm: raw_curves(scores, arm, asked["endpoint"]) for arm in params.arms}
    curves[params.reference] = rising(curves[params.reference])
    drawn = {arm: (own.slices, own.scores) for arm, own in curves.items()}
    write_bytes(snakemake.output.figure, saving_figure(drawn, rows, **asked))
