"""Tables -> score against labelled slices, and the differences between arms."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.scores import comparison_plot, learning_curves, rows_of_endpoint, runs_of_endpoint
    from synthem.storage.files import read_json, write_bytes
    from synthem.storage.tables import read_table

    given, made = snakemake.input, snakemake.output
    answer = read_json(given.verdict)
    endpoint = answer["endpoint"]
    summary = rows_of_endpoint(read_table(given.summary), read_table(given.partition_summary), endpoint)
    runs = runs_of_endpoint(read_table(given.scores), read_table(given.partitions), endpoint)
    settings = {"reference": answer["reference"], "words": answer["arms"], "metric": endpoint}
    write_bytes(made.learning_curve, learning_curves(summary, runs, **settings))
    settings = {key: answer[key] for key in ("confidence", "smallest_effect")}
    plot = comparison_plot(read_table(given.comparison), metric=endpoint, **settings)
    write_bytes(made.differences, plot)
