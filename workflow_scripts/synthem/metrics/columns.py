"""Columns of the tables of scores, in the order of the files."""

from synthem.metrics.definitions import PARTITIONS, SCORES

RUN = ("volume", "arm", "budget", "labelled_slices", "replicate", "seed")
PLACE = ("scope", "slice")  # scope: "slice" or "volume", which has no slice
COUNTS = ("shared_voxels", "extra_voxels", "missed_voxels", "empty_voxels")
SCORE_COLUMNS = (*RUN, *PLACE, "threshold", *SCORES, "count", "true_count", *COUNTS, "reason")
ISBI_COLUMNS = (*RUN, "v_rand_best", "v_rand_threshold", "v_info_best", "v_info_threshold", "reason")
SNAPSHOT_COLUMNS = (
    *("volume", "arm", "budget", "replicate", "seed", "block", "convention"),
    *("step", "score", "n", "value"),
)
PARTITION_COLUMNS = (*RUN, *PLACE, "convention", *PARTITIONS, "reason")
