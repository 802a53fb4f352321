from synthem.watershed.grids import grid_scores


def test_a_pair_of_thresholds_has_the_name_that_the_thesis_gives_it():
    about = {"volume": "v", "arm": "flat", "budget": "all", "replicate": 1, "seed": 1, "labelled_slices": 9}
    about["convention"] = "paper"
    scores = {"voi": 0.3, "voi_split": 0.2, "voi_merge": 0.1, "arand": None, "cremi_score": 0.5}
    rows = [
        about
        | scores
        | {"interior_threshold": interior, "edge_rise": rise, "edge_threshold": interior + rise}
        for interior, rise in ((0.8, 0.0), (0.83, 0.1))
    ]
    found = list(grid_scores(rows))
    assert [row["thresholds"] for row in found[::5]] == ["0.80, +0", "0.83, +0.10"]
    assert {row["score"]: row["value"] for row in found[:5]} == scores
    assert all({name: row[name] for name in about} == about for row in found)
