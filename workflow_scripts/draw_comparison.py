"""Tables -> score against label fraction, and the differences between arms."""

from synthem.figures_scores import comparison_plot, learning_curve
from synthem.files import write_bytes
from synthem.log import logged_to
from synthem.statistics import baseline_score
from synthem.tables import read_table

with logged_to(snakemake.log[0]):
    scores = [row for row in read_table(snakemake.input.scores) if row["scope"] == "volume"]
    trained = [row for row in scores if row["fraction"] is not None]
    curve = learning_curve(read_table(snakemake.input.summary), baseline_score(scores), seeds=trained)
    write_bytes(snakemake.output.learning_curve, curve)
    plot = comparison_plot(read_table(snakemake.input.comparison), **snakemake.params.comparison)
    write_bytes(snakemake.output.differences, plot)
