"""Trained generators, their snapshots, and masks -> the images of a sheet."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from pathlib import Path

    from synthem.compute.devices import compute_as, pick_device
    from synthem.networks.registry import GENERATORS
    from synthem.networks.saving import load_network
    from synthem.storage.arrays import read_attributes, write_arrays
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import read_json
    from synthem.storage.volumes import read_blocks
    from synthem.synthesis.cells import END
    from synthem.synthesis.sheets import painted_sheet
    from synthem.training.snapshots import snapshot_name

    params, volume = snakemake.params, snakemake.input.volume
    compute_as(**params.compute)
    sheet, folders = params.sheet, params.folders
    draw = draw_of(volume, budget=str(sheet["budget"]), replicate=sheet["replicate"], **params.labels)
    blocks = draw.train if sheet["block"] == "train" else read_blocks(volume)["test"]
    sources = {
        name: own | {"findings": read_json(Path(folders[name]) / "findings.json"), "labels": draw.count}
        for name, own in params.sources.items()
    }
    places = {
        (name, step): Path(folder) / (f"snapshots/{snapshot_name(step)}" if step != END else "network.pt")
        for name, folder in folders.items()
        for step in (END, *sheet["snapshots"])
    }
    arrays, attributes = painted_sheet(
        sheet,
        sources,
        lambda *of: load_network(places[of], GENERATORS),
        volume=volume,
        blocks=blocks,
        voxel_size_nm=read_attributes(volume)["voxel_size_nm"],
        device=pick_device(),
        **params.inference,
    )
    write_arrays(snakemake.output.sheet, arrays, attributes)
