from synthem.watershed.membranes import segment_grid


def segment_cells(interior, *, interior_threshold, edge_threshold, threads, **settings):
    """Labels of the membrane watershed with one pair of thresholds."""
    rises = [edge_threshold - interior_threshold]
    grid = {"interior_thresholds": [interior_threshold], "edge_rises": rises}
    ((*_, labels),) = segment_grid(interior, threads=threads, **grid, **settings)
    return labels
