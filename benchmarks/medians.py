"""What `watershed.median_slices` gains in a finished study: scores of its runs, against those of 1.

    python benchmarks/medians.py results/ mine mitochondria

Trains nothing: the probabilities of all runs are cut again by `bodies`, at the thresholds that each has
tuned. A line for each arm and budget: means over runs, then gains and their standard error. All runs share
the test slices.
"""

import argparse
import json
from pathlib import Path
from statistics import mean, stdev

import rounds  # noqa: F401  finds the library
import yaml

from synthem.metrics.rows import score_rows
from synthem.metrics.truth import truth_of
from synthem.storage.volumes import read_volume
from synthem.watershed.methods import segment
from synthem.watershed.predictions import read_prediction

SLICES, SCORES = (1, 3, 5, 7), ("iou", "boundary_f1", "pq")
CONFIG = yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text())


def scores_of(probability, tuned, test, truth, slices):
    """The whole block's scores of one run, masks at its threshold and instances by `bodies`."""
    target = {"kind": "mask"}
    prediction = read_prediction(probability, "test", test.facts, target, median_slices=slices)
    how = {"method": "bodies", "settings": CONFIG["watershed"]["bodies"], "chosen": tuned["settings"]}
    labels = segment(prediction, threads=2, **how)
    mask = (prediction.inside >= tuned["threshold"]).astype("uint8")
    row = score_rows(mask, labels, truth, threads=2, **CONFIG["metrics"])[-1]
    return {name: row[name] for name in SCORES}


def gains_of(runs):
    """[{slices: {score: value}}] of runs -> {slices: {score: (gain over 1 slice, its standard error)}}."""
    gains = {}
    for slices in SLICES[1:]:
        for name in SCORES:
            differences = [run[slices][name] - run[1][name] for run in runs]
            error = stdev(differences) / len(runs) ** 0.5 if len(runs) > 1 else None
            gains.setdefault(slices, {})[name] = round(mean(differences), 4), error and round(error, 4)
    return gains


def main(results, volume, structure):
    test = read_volume(results / "volumes" / volume / "volume.h5", block="test", masks=[structure])
    truth = truth_of(test, structure, "test")
    for arm in sorted((results / "unets" / volume).iterdir()):
        for budget in sorted(arm.glob("budget-*")):
            runs = []
            for probability in sorted(budget.glob("replicate-*/seed-*/probability.h5")):
                inner = probability.parent.relative_to(results / "unets")
                tuned = json.loads((results / "watershed" / inner / "threshold.json").read_text())
                runs.append({n: scores_of(probability, tuned, test, truth, n) for n in SLICES})
            if runs:
                plain = {name: round(mean(run[1][name] for run in runs), 4) for name in SCORES}
                found = {"n": len(runs), 1: plain} | gains_of(runs)
                print(arm.name, budget.name, json.dumps(found), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("volume")
    parser.add_argument("structure")
    main(**vars(parser.parse_args()))
