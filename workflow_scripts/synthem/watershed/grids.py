"""The columns of threshold grids, and their scores in one table of all runs."""

from synthem.metrics.columns import RUN

PARTITION = ("voi", "voi_split", "voi_merge", "arand", "cremi_score")
GRID_COLUMNS = (*RUN, "interior_threshold", "edge_rise", "edge_threshold", "convention", *PARTITION)
GRID_SCORE_COLUMNS = (*RUN, "convention", "thresholds", "score", "value")


def grid_scores(rows):
    """Rows of grid.csv -> one for each score, under the name that a pair of thresholds has in the thesis."""
    for row in rows:
        about = {name: row[name] for name in (*RUN, "convention")}
        rise = f"{row['edge_rise']:.2f}" if row["edge_rise"] else "0"
        about["thresholds"] = f"{row['interior_threshold']:.2f}, +{rise}"
        for score in PARTITION:
            yield about | {"score": score, "value": row[score]}
