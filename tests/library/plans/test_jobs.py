"""The trainings of small studies, counted by hand."""

from synthem.config.checking import check_config
from synthem.plans.jobs import lighter_jobs, parts_of_arms, trainings
from tests.shared.demo_config import SCHEMA, edited


def planned(**changes):
    config, study = check_config(edited(**changes), SCHEMA)
    return study, config["volumes"]


def counted(**changes):
    return {(one.rule, one.name): one.count for one in trainings(*planned(**changes))}


STRUCTURE = {"gans__conditions": ["structure"]}
STUDY = {"study__replicates": 5, "study__seeds": 2, "labels__budgets": [3, "all"]}


def test_real_data_alone_asks_for_no_generator():
    assert counted(study__arms=["real"], **STUDY) == {("train_unet", "real"): 5 * 2 * 2}


def test_a_generator_for_each_draw_of_labels_and_a_unet_for_each_arm_and_seed():
    assert counted(study__arms=["real", "mixed", "synthetic"], **STUDY) == {
        ("train_membranes", "base"): 1,
        ("train_gan", "base"): 5 * 2,
        ("train_unet", "real"): 20,
        ("train_unet", "mixed"): 20,
        ("train_unet", "synthetic"): 20,
    }


def test_what_arms_share_is_counted_once():
    """Another watershed needs no other networks; stronger augmentation other U-Nets, and the same GAN."""
    arms = {
        "real": {"sets": {"real": 1}},
        "cut": {"sets": {"real": 1}, "variant": "cut"},
        "mixed": {"sets": {"real": 0.5, "synthetic": 0.5}},
        "strong": {"sets": {"real": 0.5, "synthetic": 0.5}, "variant": "strong"},
    }
    variants = {
        "cut": {"watershed": {"bodies": {"fill_holes": True}}},
        "strong": {"unets": {"training": {"augment": {"elastic": 10}}}},
    }
    found = counted(arms=arms, variants=variants, study__arms=[*arms], **STRUCTURE, **STUDY)
    assert found == {
        ("train_gan", "base"): 10,
        ("train_unet", "real"): 20,
        ("train_unet", "mixed"): 20,
        ("train_unet", "strong"): 20,
    }


def test_a_generator_of_masks_for_each_draw_where_masks_are_invented():
    invented = {"synthesis__masks__kind": "stylegan", **STUDY}
    assert counted(study__arms=["real", "mixed"], **STRUCTURE, **invented) == {
        ("train_gan", "base"): 5 * 2,
        ("train_mask_generator", "base"): 5 * 2,
        ("train_unet", "real"): 20,
        ("train_unet", "mixed"): 20,
    }
    study, _ = planned(study__arms=["real", "mixed"], **invented)
    jobs = lighter_jobs(study)
    assert jobs["invent_masks"] == jobs["generate_volume"] == 10 and "make_masks" not in jobs


def test_a_stylegan_for_each_target_where_one_is_wanted():
    wanted = {"stylegan__wanted": True, "targets": ["hippocampus", "larva"]}
    found = [one for one in trainings(*planned(**wanted)) if one.rule == "train_stylegan"]
    assert [(one.count, one.folders) for one in found] == [(1, "hippocampus"), (1, "larva")]


def test_generators_of_another_volume_that_others_start_from_are_trained_for_each_draw_that_is_named():
    start = "results/gans/larva/base/budget-all/replicate-{}/network.pt"
    variants = {"second": {"gans": {"training": {"start": {"from": start.format(2)}}}}}
    arms = {
        "real": {"sets": {"real": 1}},
        "mixed": {"sets": {"real": 0.5, "synthetic": 0.5}},
        "other": {"sets": {"real": 0.5, "other": 0.5}},
    }
    sets = {"synthetic": {"kind": "gan"}, "other": {"kind": "gan", "variant": "second"}}
    changes = {"gans__training__start__from": start.format(1), "variants": variants, "arms": arms}
    changes |= {"data_sets": sets, "study__arms": [*arms]}
    found = {one.folders: one.count for one in trainings(*planned(**changes)) if one.rule == "train_gan"}
    assert found["larva/base/*/*"] == 2  # and those of the target as without
    assert found.keys() == {"larva/base/*/*", "hippocampus/base/*/*", "hippocampus/second/*/*"}


def test_lighter_jobs_of_each_set_run_and_draw():
    study, _ = planned(study__arms=["real", "mixed"], **STUDY)
    assert lighter_jobs(study) == {
        "make_masks": 10,
        "generate_volume": 10,
        "filter_volume": 10,
        "predict_volume": 40,
        "segment_volume": 40,
        "score_segmentation": 40,
        "score_baseline": 10,
        "score_forest": 10,
        "export_synthetic": 20,
    }


def test_what_is_trained_for_an_arm():
    study, entries = planned(study__arms=["real", "mixed"])
    assert parts_of_arms(study, entries, "hippocampus") == {
        "real": [("train_unet", "real")],
        "mixed": [("train_unet", "mixed"), ("train_gan", "base")],
    }


def test_a_generator_of_masks_is_trained_for_the_arms_that_learn_from_its_masks():
    study, entries = planned(study__arms=["real", "mixed"], synthesis__masks__kind="stylegan")
    assert parts_of_arms(study, entries, "hippocampus")["mixed"] == [
        ("train_unet", "mixed"),
        ("train_gan", "base"),
        ("train_mask_generator", "base"),
    ]
