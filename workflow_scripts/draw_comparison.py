"""Tables -> score against label fraction, and the differences between arms."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.scores import comparison_plot, learning_curve
    from synthem.metrics.definitions import BASELINES
    from synthem.storage.files import write_bytes
    from synthem.storage.tables import read_table

    arms = [row for row in read_table(snakemake.input.summary) if row["arm"] not in BASELINES]
    runs = [row for row in read_table(snakemake.input.scores) if row["scope"] == "volume"]
    seeds = [row for row in runs if row["arm"] not in BASELINES]
    trivial = {row["arm"]: row["iou"] for row in runs if row["arm"] in BASELINES}
    thresholds = {BASELINES[name]: trivial[name] for name in ("threshold", "smoothed")}
    write_bytes(snakemake.output.learning_curve, learning_curve(arms, thresholds, seeds=seeds))
    plot = comparison_plot(read_table(snakemake.input.comparison), **snakemake.params.comparison)
    write_bytes(snakemake.output.differences, plot)
