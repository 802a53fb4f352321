"""What the check of the data is told of a study, in tests that ask about the data alone: it has no target."""

# Of networks so small that all data is large enough for them.
NETWORKS = {"patches": {}, "short_halos": [], "demo_sizes": {}, "packaged_bytes": False}
STUDY = {"structure": "mito", "targets": [], "folds": [], "draws": [], "endpoint": "voi"}
STUDY |= {"patch_slices": 1, "networks": NETWORKS, "turning": {}}
STUDY |= {"cutting": {"methods": [], "median_slices": 1}}
