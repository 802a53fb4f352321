"""Rows, records and a first screen for tests of the report."""

from synthem.report.opening import opening


def comparison(**changed):
    row = {"arm": "mixed", "reference": "real", "budget": "3", "labelled_slices": 3, "n_replicates": 6}
    row |= {"endpoint": "iou", "planned_replicates": 6, "smallest_effect": 0.01}
    row |= {"n_blocks": 7, "effective_blocks": 6.5}
    row |= {"reference_score": 0.5, "arm_score": 0.55, "difference": 0.05, "low": 0.021}
    row |= {"high": 0.079, "p_adjusted": 0.02, "p_equivalence": 0.4, "better": 0.97}
    return (
        row
        | {"verdict": "helps", "reason": "", "needed_replicates": 9, "needed_anew": 8, "caveat": ""}
        | changed
    )


def answer(*rows, **changed):
    arms = list(dict.fromkeys(row["arm"] for row in rows))
    found = {"asked": arms, "subject": "synthetic data", "unlearnt": [], "reference": "real"}
    found |= {"arms": {arm: f"what {arm} learns from" for arm in arms}, "endpoint": "iou"}
    found |= {
        "confidence": 0.95,
        "smallest_effect": 0.01,
        "family": 6,
        "sentences": ["`mixed` & others help."],
    }
    return found | {"looked_at": {"scores": 30, "intervals": 60, "without_zero": 7}} | changed


MEANS = [
    {"arm": "real", "budget": "3", "labelled_slices": 3, "metric": "iou", "n_replicates": 2, "mean": 0.847}
    | {"low": 0.579, "high": 1.115, "reason": None, "note": ""}
]
DATA = {"shape": (72, 224, 224), "voxel_size_nm": (5.0, 5.0, 5.0), "tiles": (), "tested": 36}


def first_screen(*rows, question="Does it help?", **changed):
    found = answer(*rows, **changed)
    own = {"means": MEANS, "data": DATA, "record": record(), "steps": ["Do `this`."]}
    own["links"] = {"mixed": "#run-train-unet-mixed"}
    own["record"]["durations"] = [{"rule": "train_unet", "jobs": 4, "seconds": 600.0}]
    return opening(list(rows), found, question=question, **own)


def record():
    networks = {}
    for arm, steps in (("real", 200), ("mixed", 300)):
        for replicate in (1, 2):
            path = f"results/unets/v/{arm}/budget-3/replicate-{replicate}/seed-7/provenance.json"
            settings = {"steps": steps, "budget": "3", "replicate": replicate, "seed": 7}
            networks[path] = {"rule": "train_unet", "settings": settings, "code": f"{steps}" + 61 * "a"}
            networks[path] |= {"inputs": {"a.h5": "b"}, "device": "cuda: H200"}
    networks["results/membranes/larva/base/provenance.json"] = {
        "rule": "train_membranes",
        "settings": {"noise": 1},
        "code": 64 * "c",
        "inputs": {},
        "device": "cpu",
    }
    done = [{"rule": "train_unet", "jobs": 4}]
    return {
        **{"synthem": {"version": "1.0"}, "versions": {"numpy": "2.4"}, "machine": "Linux, 2 processors"},
        **{"devices": ["cpu"], "durations": done, "config": {"targets": ["v"]}},
        "networks": networks,
    }
