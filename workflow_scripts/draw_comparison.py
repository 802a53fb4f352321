"""Tables -> score against labelled slices, and the differences between arms."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.scores import comparison_plot, learning_curves
    from synthem.metrics.definitions import BASELINES
    from synthem.storage.files import read_json, write_bytes
    from synthem.storage.tables import read_table

    given, made, params = snakemake.input, snakemake.output, snakemake.params
    endpoint, words = params.comparison["endpoint"], read_json(given.verdict)["arms"]
    runs = [row for row in read_table(given.scores) if row["scope"] == "volume"]
    runs = [row for row in runs if row["arm"] not in BASELINES]
    curves = learning_curves(
        read_table(given.summary), runs, reference=params.reference, metric=endpoint, words=words
    )
    write_bytes(made.learning_curve, curves)
    settings = {key: params.comparison[key] for key in ("confidence", "smallest_effect")}
    plot = comparison_plot(read_table(given.comparison), metric=endpoint, **settings)
    write_bytes(made.differences, plot)
