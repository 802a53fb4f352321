"""The images of a sheet -> one picture, and its caption."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.generated import sheet_caption, sheet_picture
    from synthem.storage.arrays import open_arrays
    from synthem.storage.files import write_bytes, write_text

    with open_arrays(snakemake.input.sheet) as stored:
        picture, caption = sheet_picture(stored), sheet_caption(stored)
    write_bytes(snakemake.output.figure, picture)
    write_text(snakemake.output.caption, caption + "\n")
