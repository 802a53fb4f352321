"""Answers to the blind study, and its truth -> a table, and what it says in words."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.quiz.answers import read_answers
    from synthem.quiz.scoring import COLUMNS, score_quiz
    from synthem.quiz.words import sentences
    from synthem.storage.files import read_json, write_json, write_table

    truth = read_json(snakemake.input.truth)
    rows = score_quiz(read_answers(snakemake.params.answers, truth, snakemake.input.truth), truth)
    write_table(snakemake.output.scores, rows, COLUMNS)
    write_json(snakemake.output.words, {"sentences": sentences(rows, truth)})
