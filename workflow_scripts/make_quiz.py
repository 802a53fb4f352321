"""Real slices and generated images -> a page that asks which is which, and the truth beside it."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.quiz.page import build_quiz
    from synthem.quiz.patches import draw_quiz, kept_truth, quiz_truth
    from synthem.storage.files import write_json, write_text
    from synthem.storage.volumes import read_facts

    images, patches = draw_quiz(snakemake.input.volume, snakemake.input.painted, **snakemake.params.quiz)
    name, page = build_quiz(images, read_facts(snakemake.input.volume).voxel_size_nm[1:])
    write_text(snakemake.output.page, page)
    for path in kept_truth(snakemake.output.truth, name), snakemake.output.truth:
        write_json(path, quiz_truth(name, patches))
