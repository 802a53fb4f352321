"""The generator and the discriminator of every data set -> how many parameters they have."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.gans.networks import parameters_of_pair
    from synthem.storage.arrays import open_arrays
    from synthem.storage.files import write_table

    with open_arrays(snakemake.input.volume) as file:
        colours = file["image"].shape[3] if file["image"].ndim == 4 else 1
    rows = []
    for name, settings in snakemake.params.painters.items():
        for network, counts in parameters_of_pair(**settings, colours=colours).items():
            rows += [
                {"data_set": f"{name} {network}", "score": score, "n": 1, "value": value}
                for score, value in counts.items()
            ]
    write_table(snakemake.output.table, rows, ("data_set", "score", "n", "value"))
