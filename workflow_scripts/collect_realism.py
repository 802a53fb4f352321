"""How real the images of all generators are, and how calmly these were trained -> one table each."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.realism.stability import COLUMNS, stability_rows
    from synthem.storage.files import write_table
    from synthem.storage.frames import read_frame, write_frame
    from synthem.storage.naming import run_of
    from synthem.training.histories import read_history

    made, given = snakemake.output, snakemake.input
    write_frame(made.realism, read_frame(list(given.scores)))
    write_frame(made.floors, read_frame(list(given.floors)))
    rows = []
    for path in given.histories:
        run = run_of(path)
        about = {"volume": run.volume, "variant": run.name, "budget": run.budget, "replicate": run.replicate}
        rows += [about | row for row in stability_rows(read_history(path))]
    write_table(made.stability, rows, COLUMNS)
