"""What earlier runs left: only trainings with the same settings count."""

import pytest

from synthem.comparison.layout import Components
from synthem.comparison.statistics import COMPONENT_COLUMNS
from synthem.plans.earlier import earlier_jobs, earlier_trainings, earlier_variance
from synthem.plans.trainings import Training
from synthem.storage.files import write_json, write_table

SETTINGS = {"network": {"kind": "unet", "unet": {"base_width": 8}, "unet3d": {"base_width": 2}}}
UNET = Training("train_unet", "real", 4, SETTINGS, "mine/real/*/*/*")


def benchmark(path, seconds):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\tmax_rss\n{seconds}\t100\n")


def trained(folder, run, *, width, seconds):
    settings = {"network": {"kind": "unet", "unet": {"base_width": width}}}
    place = f"mine/real/{run}"
    write_json(folder / f"unets/{place}/provenance.json", {"settings": {"unets": settings}})
    benchmark(folder / f"benchmarks/train_unet/{place}.tsv", seconds)


def test_a_training_counts_if_its_settings_are_those_that_are_planned(tmp_path):
    """Options of a kind that is not chosen change nothing; another width does."""
    trained(tmp_path, "budget-3/replicate-1/seed-1", width=8, seconds=20)
    trained(tmp_path, "budget-3/replicate-2/seed-1", width=8, seconds=30)
    trained(tmp_path, "budget-all/replicate-1/seed-1", width=16, seconds=99)
    assert sorted(earlier_trainings(UNET, tmp_path)) == [20, 30]


@pytest.mark.parametrize(("held_out", "same"), [(0.0, [20]), (0.25, [])])
def test_how_often_was_validated_counts_where_slices_were_held_out(tmp_path, held_out, same):
    def section(every):
        return {"training": {"steps": 9, "validation": {"every": every, "stop_after": 0, "keep": "last"}}}

    place = "mine/real/budget-3/replicate-1/seed-1"
    settings = {"unets": section(0), "labels": {"validation": held_out, "strategy": "spread"}}
    write_json(tmp_path / f"unets/{place}/provenance.json", {"settings": settings})
    benchmark(tmp_path / f"benchmarks/train_unet/{place}.tsv", 20)
    assert earlier_trainings(UNET._replace(settings=section(50)), tmp_path) == same


def test_what_is_damaged_or_was_too_short_to_measure_is_left_out(tmp_path):
    trained(tmp_path, "budget-3/replicate-1/seed-1", width=8, seconds="-")
    (tmp_path / "unets/mine/real/budget-3/replicate-2/seed-1").mkdir(parents=True)
    (tmp_path / "unets/mine/real/budget-3/replicate-2/seed-1/provenance.json").write_text("{")
    assert earlier_trainings(UNET, tmp_path) == []
    assert earlier_trainings(UNET, tmp_path / "nothing") == []


def test_every_job_of_a_rule(tmp_path):
    benchmark(tmp_path / "benchmarks/segment_volume/mine/a.tsv", 2)
    benchmark(tmp_path / "benchmarks/segment_volume/mine/b.tsv", 4)
    assert sorted(earlier_jobs("segment_volume", tmp_path)) == [2, 4]
    assert earlier_jobs("filter_volume", tmp_path) == []


def test_what_few_long_blocks_add_counts_as_much_as_what_many_short_ones_do(tmp_path):
    """0.6 / 6 and 0.2 / 20 of the variance of a difference: mean 0.055, times 13 blocks."""
    asked = {"volume": "mine", "arm": "mixed", "endpoint": "iou"}
    found = (("replicates", 0.1, 5), ("blocks", 0.6, 6), ("rest", 0.3, 30))
    found += (("replicates", 0.1, 5), ("blocks", 0.2, 20), ("rest", 0.3, 100))
    rows = [
        dict.fromkeys(COMPONENT_COLUMNS) | asked | {"component": name, "variance": variance, "n": n}
        for name, variance, n in found
    ]
    write_table(tmp_path / "tables/mine/components.csv", rows, COMPONENT_COLUMNS)
    config = {"structure": "a", "split": {"test": 0.5}, "phantoms": {}, "unets": SETTINGS, "metrics": {}}
    config |= {"comparison": {"endpoint": "iou"}, "study": {"arms": ["real", "mixed"], "reference": "real"}}
    config |= {"data_sets": {"synthetic": {"kind": "gan"}}, "volumes": {"mine": {"image": "a.tif"}}}
    sets = {"real": "real", "mixed": "synthetic"}
    config["arms"] = {name: {"sets": {one: 1.0}, "then": {}} for name, one in sets.items()}
    write_json(tmp_path / "report/mine/provenance.json", {"config": config})
    components, blocks, replicates = earlier_variance(config, ["mine"], tmp_path)
    assert (blocks, replicates) == (13, 5)
    assert components == pytest.approx(Components(0.1, 0.0, 13 * 0.055, 0.3))


def test_the_variance_of_earlier_differences_is_their_mean(tmp_path):
    asked = {"volume": "mine", "arm": "mixed", "endpoint": "iou"}
    rows = [
        dict.fromkeys(COMPONENT_COLUMNS) | asked | {"component": component, "variance": variance, "n": 6}
        for component, variances in (("replicates", (0.1, 0.3)), ("blocks", (0.2, 0.2)), ("rest", (0.0, 0.4)))
        for variance in variances
    ]
    others = ({"endpoint": "voi"}, {"arm": "copies"})  # in bits, and of a control, which asks nothing
    rows += [row | {"variance": 9.0} | other for row in rows for other in others]
    write_table(tmp_path / "tables/mine/components.csv", rows, COMPONENT_COLUMNS)
    config = {"structure": "a", "split": {"test": 0.5}, "phantoms": {}, "unets": SETTINGS, "metrics": {}}
    config |= {
        "comparison": {"endpoint": "iou"},
        "study": {"arms": ["real", "mixed", "copies"], "reference": "real"},
    }
    config["data_sets"] = {"copies": {"kind": "copies"}, "synthetic": {"kind": "gan"}}
    config["arms"] = {
        name: {"sets": {one: 1.0}, "then": {}}
        for name, one in (("real", "real"), ("mixed", "synthetic"), ("copies", "copies"))
    }
    config["volumes"] = {"mine": {"image": "a.tif"}, "other": {"image": "b.tif"}}
    assert earlier_variance(config, ["mine"], tmp_path) is None  # nobody knows what that run was
    for name in ("mine", "other"):
        write_json(tmp_path / f"report/{name}/provenance.json", {"config": config | {"labels": {}}})
    assert earlier_variance(config, ["mine"], tmp_path) == (
        pytest.approx(Components(0.2, 0.0, 0.2, 0.2)),
        6,
        6,
    )
    assert earlier_variance(config, ["other"], tmp_path) is None
    assert earlier_variance(config | {"split": {"test": 0.25}}, ["mine"], tmp_path) is None
    moved = config["volumes"] | {"mine": {"image": "c.tif"}}
    assert earlier_variance(config | {"volumes": moved}, ["mine"], tmp_path) is None
    both = [row | {"volume": "mine + other", "variance": 2 * row["variance"]} for row in rows]
    write_table(tmp_path / "tables/components.csv", [*rows, *both], COMPONENT_COLUMNS)
    changed = config | {"volumes": moved}
    write_json(tmp_path / "report/other/provenance.json", {"config": changed})
    assert earlier_variance(changed, ["mine", "other"], tmp_path) is None, "mine has other files now"
    write_json(tmp_path / "report/mine/provenance.json", {"config": changed})
    assert earlier_variance(changed, ["mine", "other"], tmp_path) == (
        pytest.approx(Components(0.4, 0.0, 0.4, 0.4)),
        6,
        6,
    )
