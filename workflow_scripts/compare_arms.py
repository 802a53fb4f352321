"""The long table -> means over seeds, every arm against the reference, and the answer in words."""

from synthem.files import write_json, write_table
from synthem.log import logged_to, say
from synthem.statistics import (
    COMPARISON_COLUMNS,
    SUMMARY_COLUMNS,
    compare,
    headline,
    summarise,
    verdict_sentence,
)
from synthem.tables import read_table

with logged_to(snakemake.log[0]):
    settings = snakemake.params.comparison
    scores = read_table(snakemake.input.scores)
    comparisons = compare(scores, reference=snakemake.params.reference, **settings)
    answer = {
        "headline": headline(comparisons, structure=snakemake.params.structure),
        "sentences": [verdict_sentence(row) for row in comparisons],
        "confidence": settings["confidence"],
        "smallest_effect": settings["smallest_effect"],
    }
    say(answer["headline"])
    write_table(
        snakemake.output.summary, summarise(scores, confidence=settings["confidence"]), SUMMARY_COLUMNS
    )
    write_table(snakemake.output.comparison, comparisons, COMPARISON_COLUMNS)
    write_json(snakemake.output.verdict, answer)
