"""How real generated images are -> curves over training, the floor against n, patches by their features."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.realism import components_plot, floor_plot, realism_curves, stability_curves
    from synthem.realism.measurements import read_measured
    from synthem.storage.files import write_bytes
    from synthem.storage.naming import run_of
    from synthem.storage.tables import read_table

    made, given, budget = snakemake.output, snakemake.input, snakemake.wildcards.budget
    tables = {name: read_table(given[name]) for name in ("realism", "floors", "stability")}
    own = {name: [row for row in rows if row["budget"] == budget] for name, rows in tables.items()}
    write_bytes(made.curves, realism_curves(own["realism"], own["floors"]))
    write_bytes(made.floors, floor_plot(own["floors"], own["realism"]))
    write_bytes(made.stability, stability_curves(own["stability"]))
    measured = {run_of(path).name: read_measured(path) for path in given.features}
    write_bytes(made.components, components_plot(measured))
