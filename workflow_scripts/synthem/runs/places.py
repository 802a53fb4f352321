"""Which jobs a run consists of, by the places of their files: earlier runs have left theirs beside."""

import re

PLACE = re.compile(
    "(?P<volume>[^/]+)/(?:(?P<name>[^/]+)/)?budget-(?P<budget>[^/.]+)"
    "(?:/replicate-(?P<replicate>[0-9]+))?(?:/seed-(?P<seed>[0-9]+))?"
)


def belongs_to(run, place):
    """Whether the job of a place, such as `mine/real/budget-3/replicate-1/seed-1.tsv`, is one of the run.

    run {budget, replicate, seed, volume, name: what there is of each; a word that is missing is not asked}; a
    name is that of an arm or a data set, or of the variant of a generator. Jobs of no draw of labels belong
    to all runs.
    """
    found = PLACE.match(place)
    said = found.groupdict() if found else {}
    return all(said.get(word) is None or said[word] in map(str, known) for word, known in run.items())
