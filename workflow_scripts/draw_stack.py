"""A segmented stack -> some slices of it, image, instances, confidence; a page of what was found."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.applied import slices_to_show, stack_sheet
    from synthem.figures.sheets import word_of
    from synthem.metrics.label_next import read_label_next
    from synthem.metrics.objects import least_sure, voxels_in, words_about
    from synthem.report.labelling import label_next_page
    from synthem.report.rendering import use_templates
    from synthem.report.tiles import with_tiles
    from synthem.storage.files import write_bytes, write_text
    from synthem.storage.tables import read_table
    from synthem.storage.volumes import open_volume

    given, wildcards = snakemake.input, snakemake.wildcards
    use_templates(given.templates)
    rows, why = read_label_next(given.slices)
    objects = read_table(given.objects)
    with open_volume(given.volume) as volume:
        voxels = voxels_in(volume.shape[:3], volume.facts)
        found = words_about(objects, snakemake.params.structure, voxels), least_sure(objects)
        word = word_of(volume.facts)
        shown = slices_to_show(volume.shape[0], [row["slice"] for row in rows[:1]], word)

    where = {"volume": given.volume, "segmentation": given.segmentation}
    write_bytes(snakemake.output.figure, stack_sheet(shown, **where))
    pictures = {row["slice"]: stack_sheet({row["slice"]: f"{word} {row['slice']}"}, **where) for row in rows}
    page = label_next_page(rows, why, pictures, found=found, stack=wildcards.stack, arm=wildcards.arm)
    write_text(snakemake.output.page, with_tiles(page) if word == "tile" else page)
