"""What is made again after a change: nothing that could differ is missed, nothing else is repeated.

Each case names the rules of every job that a dry run would do; some run for real, which must be the same.
Where the filter of synthetic slices has to decide anew which networks there will be, a dry run names nothing
of what lies behind it.
"""

import json
import os
import re
import shutil
import subprocess

import h5py
import numpy as np
import pytest
from PIL import Image

from tests.shared.nano_workflow import jobs_in, processor_seconds, start_of_snakemake

FROM_TABLES = {
    "compare_arms",
    "value_labels",
    "draw_comparison",
    "draw_saving",
    "record_provenance",
    "write_report",
}
# The best and the worst replicate are drawn.
FROM_SCORES = {"score_segmentation", "collect_scores", "draw_segmentations"} | FROM_TABLES
FROM_SEGMENTATION = {"segment_volume", "draw_segmentations", "draw_video"} | FROM_SCORES
FROM_UNETS = {"train_unet", "predict_volume", "draw_training"} | FROM_SEGMENTATION
FROM_SYNTHESIS = {"filter_volume", "export_synthetic", "draw_synthesis"} | FROM_UNETS
FROM_GANS = {"train_gan", "generate_volume"} | FROM_SYNTHESIS
FROM_MEMBRANES = {"predict_membranes", "assess_membranes", "draw_membranes", "make_masks"} | FROM_GANS
FROM_TARGET = {
    "check_volumes",
    "list_data",
    "ingest_volume",
    "export_volume",
    "draw_volume",
    "score_baseline",
    "score_forest",
    "withhold_truth",  # it lies where the image says
} | FROM_MEMBRANES
CHECK = {"check_volumes", "list_data"}  # of the volumes that are read: the source may come and go
TO_FILTER = {"generate_volume", "filter_volume", "draw_synthesis"}  # what a dry run names of FROM_GANS
FROM_MASKS = FROM_MEMBRANES - FROM_GANS | {"train_gan"} | TO_FILTER  # and of FROM_MEMBRANES
OF_REAL_PREDICTIONS = {
    "predict_volume",
    "segment_volume",
    "score_segmentation",
}  # of the arm that waits for no filter
OF_REAL_NETWORKS = OF_REAL_PREDICTIONS | {"train_unet"}
NANO = "tests/nano/config.yaml"


def test_nothing_changed_nothing_runs(nano):
    assert nano.stale() == set()


def test_a_commit_is_recorded_but_reruns_nothing(nano):
    for words in ("init -q", "add Snakefile rules", "-c user.name=a -c user.email=b commit -qm c"):
        subprocess.run(["git", *words.split()], cwd=nano.folder, check=True)
    assert nano.stale() == set()
    assert (
        nano.run("--forcerun", "record_provenance", "results/report/hippocampus/provenance.json").returncode
        == 0
    )
    record = json.loads((nano.folder / "results/report/hippocampus/provenance.json").read_text())
    assert re.fullmatch("[0-9a-f]{40}, with local changes", record["synthem"]["commit"])
    assert record["synthem"]["networks trained with"].endswith("commit unknown: not a git checkout")


def test_a_second_start_says_at_once_that_there_is_nothing_to_do(nano):
    before = processor_seconds()
    done = nano.run_alone()
    assert "Nothing to be done" in done.stdout and done.returncode == 0
    assert processor_seconds() - before < 6 * start_of_snakemake()


CONFIG_CHANGES = [
    ("thresholds: [0.2, 0.3,", "thresholds: [0.25, 0.3,", FROM_SEGMENTATION),
    (
        "median_slices: 1",
        "median_slices: 3",
        FROM_SEGMENTATION | {"score_baseline", "score_forest", "check_volumes"},
    ),
    ("smallest_nm3: 2.0e+5", "smallest_nm3: 3.0e+5", FROM_SEGMENTATION | {"score_baseline", "score_forest"}),
    (
        "boundary_tolerance_nm: 20",
        "boundary_tolerance_nm: 25",
        FROM_SCORES | {"score_baseline", "score_forest"},
    ),
    ("smallest_effect: 0.05", "smallest_effect: 0.02", FROM_TABLES),
    ("panel_px: 256", "panel_px: 128", {"draw_video", "record_provenance", "write_report"}),
    # Videos of real runs wait for no filter, so a plan has them.
    ("tile: 1024, halo: 160", "tile: 1024, halo: 64", FROM_MASKS | OF_REAL_PREDICTIONS | {"draw_video"}),
    ("  threshold: 0.5", "  threshold: 0.6", FROM_MASKS),
    ("sees: [image, structure]", "sees: [image]", FROM_MASKS | {"train_membranes"}),
    (
        "conditions: [structure, membrane]",
        "conditions: [structure]",
        {"make_masks", "train_gan"} | TO_FILTER | CHECK,
    ),
    ("elastic_nm: 60", "elastic_nm: 50", {"make_masks"} | TO_FILTER),
]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    CONFIG_CHANGES,
    ids=[
        "thresholds",
        "medians",
        "size",
        "tolerance",
        "effect",
        "video",
        "tile",
        "membrane",
        "image alone",
        "mask alone",
        "masks",
    ],
)
def test_a_changed_setting_reruns_what_uses_it(nano, old, new, expected):
    nano.edit("config.yaml", old, new)
    assert nano.stale_rules() == expected


def test_the_learning_rate_of_the_unets_concerns_no_gan(nano):
    nano.edit("config.yaml", "learning_rate: 0.004", "learning_rate: 0.003")
    assert nano.stale_rules() == FROM_UNETS


def test_the_size_of_the_forest_concerns_no_network(nano):
    nano.edit(NANO, "forest: {trees: 8, pixels", "forest: {trees: 9, pixels")
    assert nano.stale_rules() == {"score_forest"} | FROM_SCORES - {"score_segmentation"}


def test_how_often_a_training_is_saved_and_drawn_reruns_only_the_record_of_the_config(nano):
    changed = "progress: {checkpoint_every: 2, tensorboard: true, live_every: 7}"
    nano.edit(NANO, "progress: {checkpoint_every: 3}", changed)
    assert nano.stale_rules() == {"record_provenance", "write_report"}


def test_steps_of_the_gan_do_not_concern_the_arm_real(small):
    small.edit(
        NANO, "training: {steps: 6, batch_size: 2, patch: 64", "training: {steps: 7, batch_size: 2, patch: 64"
    )
    assert small.stale_rules() == {"train_gan"} | TO_FILTER
    done = small.run()  # for real: which networks there are is known when the filter has decided
    jobs = jobs_in(done)
    assert small.stale() == set()
    assert {rule for rule, _ in jobs} == FROM_GANS
    # figures and tables hold all arms; what belongs to one arm must be another's
    assert not [output for _, output in jobs if "/real/" in output]


def test_pixels_of_one_slice_concern_its_volume_only(small):
    path = small.folder / "tests/nano/data/image/0003.png"
    pixels = np.array(Image.open(path))
    Image.fromarray(pixels[::-1].copy()).save(path)  # one pixel might leave all synthetic images as they were
    # For real: what is stale is only known after the check, in the middle of the run.
    jobs = jobs_in(small.run())
    assert {rule for rule, _ in jobs} == FROM_TARGET
    assert not [output for _, output in jobs if "larva" in output]
    assert small.stale() == set()


@pytest.mark.parametrize(
    "edit",
    [("config.yaml", "test: 0.25, gap_nm", "test: 0.3, gap_nm"), (NANO, "gap_nm: 5", "gap_nm: 10")],
    ids=["size", "gap"],
)
def test_the_test_block_is_no_matter_of_the_source(nano, edit):
    nano.edit(*edit)
    jobs = nano.stale()
    assert [output for rule, output in jobs if rule == "ingest_volume"] == [
        "results/volumes/hippocampus/volume.h5"
    ]
    assert "train_membranes" not in {rule for rule, _ in jobs}


def test_however_all_slices_are_drawn_they_are_the_same(nano):
    """The data check names every draw by its strategy: that is made again, and nothing that learns."""
    nano.edit("config.yaml", "strategy: spread", "strategy: random")
    assert nano.stale_rules() == {"check_volumes", "record_provenance", "write_report"}


def test_other_labelled_slices_rerun_the_ingest_of_their_volume(nano):
    mask = "masks: {mitochondria: tests/nano/data/mitochondria.tif}"
    nano.edit(NANO, mask, f"{mask}\n    labelled_slices: [0-6, 8-13]")
    jobs = nano.stale()
    # What collects the arms is planned when the filter has run.
    rules = {rule for rule, _ in jobs}
    assert {"check_volumes", "ingest_volume", "withhold_truth", "predict_membranes", "train_gan"} <= rules
    assert "list_data" not in rules
    assert not [output for _, output in jobs if "larva" in output]


def test_truth_for_the_assessment_alone_retrains_nothing(nano):
    with h5py.File(nano.folder / "tests/nano/data/truth.h5", "r+") as truth:
        truth["membrane"][3, 10, 10] ^= 1
    assert nano.stale_rules() == {
        "check_volumes",
        "list_data",
        "withhold_truth",
        "assess_membranes",
        "draw_membranes",
        "write_report",
    }


def test_touching_every_input_retrains_nothing(nano):
    # 0: checksums never help, as with a file larger than max-checksum-file-size
    for path in (nano.folder / "tests/nano/data").rglob("*"):
        os.utime(path)
    assert nano.stale("--max-checksum-file-size", "0") == set()


def test_a_comment_or_a_docstring_in_the_library_reruns_nothing(nano):
    library = nano.folder / "workflow_scripts"
    for path in [*library.rglob("*.py")]:
        text = path.read_text()
        if text.startswith('"""'):
            text = text.replace('"""', '"""Reworded. ', 1)
        path.write_text(text + "\n\n# a remark at the end\n")
    assert nano.stale() == set()


LIBRARY_CHANGES = [
    ("comparison/statistics.py", FROM_TABLES),
    ("comparison/learning.py", FROM_TABLES),
    ("gans/training.py", {"train_gan"} | TO_FILTER),
    (
        "metrics/masks.py",
        FROM_SCORES | {"score_baseline", "score_forest", "assess_membranes", "draw_segmentations"},
    ),
    ("figures/frames.py", {"draw_video", "write_report"}),
    ("synthesis/masks.py", {"make_masks"} | TO_FILTER),
    ("synthesis/pasting.py", set()),  # a kind of data set that no arm learns from
    ("training/live_page.py", set()),  # how a training is looked at while it runs
    ("training/tensorboard.py", set()),
    ("report/contents.py", {"write_report"}),
    ("report/templates/page.html", {"write_report"}),
    ("report/templates/style.css", {"write_report"}),
    ("watershed/linking.py", FROM_SEGMENTATION | {"score_baseline", "score_forest"}),
    # A network concerns those who build or load it, and nobody concerns one that the config does not choose.
    ("gans/pix2pix.py", {"train_gan"} | TO_FILTER),  # the step of the objective that the config chooses
    ("gans/oasis.py", set()),
    ("networks/resize_unet.py", {"train_gan"} | TO_FILTER),
    ("networks/patch70.py", {"train_gan"} | TO_FILTER),
    ("networks/unet.py", FROM_MASKS | OF_REAL_NETWORKS | {"train_membranes", "draw_video"}),
    ("networks/unet3d.py", set()),
    ("networks/pix2pix.py", set()),
    ("networks/boundless.py", set()),
    ("networks/stylegan.py", set()),
    ("networks/registry.py", set()),  # a kind that is added makes nothing stale that others have made
    ("gans/objectives.py", set()),
]


@pytest.mark.parametrize(
    ("module", "expected"), LIBRARY_CHANGES, ids=[module for module, _ in LIBRARY_CHANGES]
)
def test_a_real_edit_of_a_module_reruns_exactly_the_rules_that_reach_it(nano, module, expected):
    path = nano.folder / "workflow_scripts/synthem" / module
    path.write_text(path.read_text() + "\n\nADDED = 1\n")
    assert nano.stale_rules() == expected


def test_own_templates_are_inputs_of_the_pages_alone(nano):
    (nano.folder / "lab").mkdir()
    (nano.folder / "lab/style.css").write_text("body {color: plum}")
    with_own = ("--config", "report={templates: lab}")
    assert nano.stale_rules(*with_own) == {"write_report"}
    done = nano.run("report", *with_own)
    assert done.returncode == 0, done.stdout
    assert "color: plum" in (nano.folder / "results/report/hippocampus/index.html").read_text()
    assert nano.stale(*with_own) == set()
    (nano.folder / "lab/style.css").write_text("body {color: teal}")
    assert nano.stale_rules(*with_own) == {"write_report"}


OASIS = """
gans:
  generator: {kind: spade, spade: {base_width: 2, depth: 2}}
  discriminator: {kind: oasis, oasis: {base_width: 2, depth: 2}}
  objective: {kind: classes}
  training: {steps: 2}
  guards: {on_failure: record}
"""


@pytest.mark.parametrize(
    ("chosen", "target", "edited"),
    [
        (
            "unets: {network: {kind: boundless}}\n",
            "unets/hippocampus/real/budget-all/replicate-1/seed-1/network.pt",
            {"networks/unet.py": set(), "networks/boundless.py": {"train_unet"}},
        ),
        (
            OASIS,
            "gans/hippocampus/base/budget-all/replicate-1/network.pt",
            {"gans/pix2pix.py": set(), "gans/oasis.py": {"train_gan"}},
        ),
    ],
    ids=["network", "objective"],
)
def test_what_the_config_chooses_is_what_counts(nano, chosen, target, edited):
    (nano.folder / "chosen.yaml").write_text(chosen)
    configs = [NANO, "chosen.yaml"]
    done = nano.run(f"results/{target}", config=configs)
    assert done.returncode == 0, done.stdout
    for module, expected in edited.items():
        path = nano.folder / "workflow_scripts/synthem" / module
        path.write_text(path.read_text() + "\n\nADDED = 1\n")
        assert nano.stale_rules(f"results/{target}", config=configs) == expected


VOLUMES = """
phantoms: {other: {kind: larva, shape: [8, 64, 64], seed: 9}}
volumes:
  other:
    image: results/phantoms/other/image.tif
    masks: {mitochondria: results/phantoms/other/mitochondria}
    voxel_size_nm: [50, 5, 5]
data_sets: {one: {kind: volume, volume: larva}, two: {kind: volume, volume: other}}
arms: {both: {sets: {real: 0.5, one: 0.3, two: 0.2}}}
study: {arms: [real, both], replicates: 1}
"""


def test_two_data_sets_that_swap_their_volumes_train_again(nano):
    """The network reads the same files, and the shares have the same names."""
    (nano.folder / "volumes.yaml").write_text(VOLUMES)
    target, configs = (
        "results/unets/hippocampus/both/budget-all/replicate-1/seed-1/network.pt",
        [NANO, "volumes.yaml"],
    )
    done = nano.run(target, config=configs)
    assert done.returncode == 0, done.stdout
    assert nano.stale_rules(target, config=configs) == set()
    swapped = VOLUMES.replace("volume: larva", "volume: a").replace("volume: other", "volume: larva")
    (nano.folder / "volumes.yaml").write_text(swapped.replace("volume: a", "volume: other"))
    assert nano.stale_rules(target, config=configs) == {"train_unet"}


def test_how_often_networks_are_validated_concerns_those_with_slices_to_validate_on(nano):
    """A quarter of 2 is no slice to validate on, of 4 it is one."""
    (nano.folder / "few.yaml").write_text("labels: {budgets: [2, 4]}\nstudy: {arms: [real]}\n")
    configs = [NANO, "few.yaml"]
    targets = [
        f"results/unets/hippocampus/real/budget-{budget}/replicate-1/seed-1/network.pt" for budget in (2, 4)
    ]
    done = nano.run(*targets, config=configs)
    assert done.returncode == 0, done.stdout
    assert nano.stale(*targets, config=configs) == set()
    nano.edit(NANO, "validation: {every: 3}, augment", "validation: {every: 2}, augment")
    assert nano.stale(*targets, config=configs) == {("train_unet", targets[1])}


WITHOUT_EFFECT = {
    "of kinds that are not chosen": [
        ("spade: {base_width: 16", "spade: {base_width: 32"),
        ("unet3d: {base_width: 8", "unet3d: {base_width: 16"),
        ("affinities: {long_range: true", "affinities: {long_range: false"),
        ("interior: {width: 1", "interior: {width: 2"),
        ("plateau: {factor: 0.5", "plateau: {factor: 0.25"),
        ("stylegan: {truncation: 1}", "stylegan: {truncation: 0.5}"),
        ("scale: 2 # of masks", "scale: 4 # of masks"),
        ("linear: &linear {decay_from: 0.5}", "linear: &linear {decay_from: 0.25}"),
    ],
    "of networks in 3-D": [("tile_slices: 32, halo_slices: 24", "tile_slices: 16, halo_slices: 8")],
    "beside a weight, probability or number of 0": [
        ("cldice_iterations: 8", "cldice_iterations: 4"),
        ("{decay: 0, warm_up: 10}", "{decay: 0, warm_up: 20}"),
        ("local_blur: {probability: 0, sigma: 3", "local_blur: {probability: 0, sigma: 4"),
        ("{probability: 0, gain: 0.1}", "{probability: 0, gain: 0.2}"),
        ("ada_target: 0, ada_images: 500000", "ada_target: 0, ada_images: 1000"),
        ("first: 300, in_a_row: 3", "first: 200, in_a_row: 2"),
    ],
}


@pytest.mark.parametrize("edits", WITHOUT_EFFECT.values(), ids=WITHOUT_EFFECT)
def test_options_without_effect_rerun_only_the_record_of_the_config(nano, edits):
    for old, new in edits:
        nano.edit("config.yaml", old, new)
    assert nano.stale_rules() == {"record_provenance", "write_report"}


def test_order_of_keys_and_comments_in_the_config_change_nothing(nano):
    nano.edit("config.yaml", "{tile: 1024, halo: 160, ", "{halo: 160, tile: 1024, ")
    nano.edit("config.yaml", "elastic_nm: 60", "elastic_nm: 60.0")
    nano.edit(NANO, "split: {gap_nm: 5}", "split: {gap_nm: 5} # a remark")
    nano.edit("config.yaml", "{sets: {real: 0.5, synthetic: 0.5}}", "{sets: {synthetic: 0.5, real: 0.50}}")
    assert nano.stale() == set()


def test_two_swapped_values_are_seen(nano):
    nano.edit(
        "config.yaml", "elastic_nm: 60, elastic_scale_nm: 250", "elastic_nm: 250, elastic_scale_nm: 600"
    )
    assert "make_masks" in nano.stale_rules()


def test_a_new_replicate_adds_its_jobs_and_what_collects_them(nano):
    nano.edit(NANO, "replicates: 2, explore: true", "arms: [real], replicates: 3")
    jobs = nano.stale()
    collecting = {"collect_scores", "draw_training", "draw_segmentations"} | FROM_TABLES | CHECK
    single = [(rule, output) for rule, output in jobs if rule not in collecting]
    assert {rule for rule, _ in single} == OF_REAL_NETWORKS | {"score_baseline", "score_forest"}
    assert len(single) == 6 and all("replicate-3" in output for _, output in single)


ARMS_OF_THE_DEMO = "study: {arms: [real, mixed, synthetic"


def with_arms(nano, names, text):
    """The run with some arms more: `text` is what the config says of them."""
    nano.edit(NANO, "study: {", f"{text}\n\n{ARMS_OF_THE_DEMO}, {', '.join(names)}], ")


def test_a_new_arm_adds_its_jobs_and_what_collects_them(nano):
    with_arms(nano, ["strong"], STRONG)
    jobs = nano.stale()
    collecting = {"collect_scores", "draw_training", "draw_segmentations"} | FROM_TABLES
    single = [output for rule, output in jobs if rule not in collecting]
    assert len(single) == 4 * 2 + 1  # and the video of the first replicate
    assert all("/strong/" in output for output in single)


STRONG = """
arms: {strong: {sets: {real: 1}, variant: strong}}
variants: {strong: {unets: {training: {augment: {elastic: 3}}}}}
"""


def test_an_arm_that_differs_in_its_watershed_alone_trains_nothing(nano):
    with_arms(
        nano,
        ["filled"],
        STRONG.replace("strong", "filled").replace(
            "unets: {training: {augment: {elastic: 3}}}", "watershed: {bodies: {fill_holes: true}}"
        ),
    )
    jobs = nano.stale()
    own = {rule for rule, output in jobs if "/filled/" in output}
    assert own == {"segment_volume", "score_segmentation", "draw_video"}
    assert not {rule for rule, _ in jobs} & {"train_unet", "predict_volume", "draw_training"}


def test_a_changed_key_of_a_variant_reruns_its_own_chain_and_the_tables(small):
    with_arms_of_small(small, STRONG)
    assert small.run().returncode == 0
    small.edit(NANO, "elastic: 3}", "elastic: 4}")
    jobs = small.stale()
    own = [output for rule, output in jobs if rule in OF_REAL_NETWORKS | {"draw_video"}]
    assert len(own) == 5 and all("/strong/" in output for output in own)
    assert {rule for rule, _ in jobs} == FROM_UNETS


def with_arms_of_small(small, text):
    small.edit(NANO, "study: {arms: [real, mixed]", f"{text}\n\nstudy: {{arms: [real, mixed, strong]")


def test_variants_that_change_no_stage_share_it_and_one_that_nobody_uses_reruns_nothing(nano):
    unused = "variants: {strong: {unets: {training: {augment: {elastic: 3}}}}}\n\nstudy: {"
    nano.edit(NANO, "study: {", unused)
    assert nano.stale_rules() == {"record_provenance", "write_report"}


def test_no_row_of_a_removed_arm_stays_in_a_table(nano):
    assert "mixed" in (nano.folder / "results/tables/hippocampus/scores.csv").read_text()
    nano.edit(NANO, "study: {", "study: {arms: [real, synthetic], ")
    done = nano.run("tables")
    assert done.returncode == 0, done.stdout
    assert "train_unet" not in done.stdout
    for table in ("scores", "summary", "comparison"):
        assert "mixed" not in (nano.folder / f"results/tables/hippocampus/{table}.csv").read_text()


def test_arms_in_another_order_are_drawn_in_that_order_and_no_network_is_trained(nano):
    """Snakemake compares the files that a rule reads as a set: their order has to stand in `params`."""
    nano.edit(NANO, "study: {", "study: {arms: [real, synthetic, mixed], ")
    assert nano.stale_rules() == {"collect_scores", "draw_training", "draw_segmentations"} | FROM_TABLES


def test_without_synthetic_data_the_source_is_gone_and_nothing_else_is_made_again(nano):
    nano.edit(NANO, "study: {", "study: {arms: [real], ")
    collecting = {"collect_scores", "draw_training", "draw_segmentations"} | FROM_TABLES
    assert nano.stale_rules() == CHECK | collecting


def test_cores_and_profile_change_nothing(nano):
    assert nano.stale("--cores", "1") == set()
    assert nano.stale("--workflow-profile", "profiles/slurm", "--executor", "local") == set()


def test_the_results_are_the_same_after_a_rerun_with_other_cores(small):
    folders = (
        "volumes",
        "membranes",
        "gans",
        "synthesis",
        "unets",
        "watershed",
        "metrics",
        "tables",
        "figures",
    )
    before = small.files(*folders)
    del before["tables/hippocampus/saving.csv"]  # it has the hours that trainings took
    shutil.rmtree(small.folder / "results")
    done = small.run("--cores", "1")
    assert done.returncode == 0, done.stdout
    after = small.files(*folders)
    del after["tables/hippocampus/saving.csv"]
    assert [path for path in before if after.get(path) != before[path]] == []
    assert after.keys() == before.keys()


def test_who_moves_his_files_trains_nothing_again(nano):
    """To another disk, or with the results to a cluster: the same content, elsewhere."""
    (nano.folder / "elsewhere").mkdir()
    (nano.folder / "tests/nano/data").rename(nano.folder / "elsewhere/moved")
    for name in ("image", "mitochondria.tif", "truth.h5:membrane"):
        nano.edit(NANO, f"tests/nano/data/{name}", f"{nano.folder}/elsewhere/moved/{name}")
    # Tables of the check and the record of the run name the files.
    assert nano.stale_rules() == {"check_volumes", "list_data", "record_provenance", "write_report"}
    assert nano.run("results/volumes/hippocampus/volume.h5").stdout.count("Nothing to be done") == 1


def test_who_renames_his_files_trains_nothing_again(nano):
    data = nano.folder / "tests/nano/data"
    names = {"mitochondria.tif": "objects-3.tif", "truth.h5": "hidden.v2.H5"}
    names |= {f"image/{z:04}.png": f"image/slice-{z + 7}.PNG" for z in range(14)}
    for old, new in names.items():
        (data / old).rename(data / new)
    nano.edit(NANO, "data/mitochondria.tif", "data/objects-3.tif")
    nano.edit(NANO, "data/truth.h5:membrane", "data/hidden.v2.H5:membrane")
    assert nano.stale_rules() == {"check_volumes", "list_data", "record_provenance", "write_report"}
    for file in ("results/volumes/hippocampus/volume.h5", "results/withheld/hippocampus.h5"):
        assert nano.run(file).stdout.count("Nothing to be done") == 1

    # Names order the slices: those of two of them that swap are another stack.
    (data / "image/slice-7.PNG").rename(data / "image/slice-0.PNG")
    (data / "image/slice-8.PNG").rename(data / "image/slice-7.PNG")
    (data / "image/slice-0.PNG").rename(data / "image/slice-8.PNG")
    assert "ingest_volume" in {rule for rule, _ in nano.stale("results/volumes/hippocampus/volume.h5")}


def test_another_of_two_files_with_equal_names_is_read_again(nano):
    """Each source counts by its own content: no sum of all files would tell."""
    (nano.folder / "other").mkdir()
    truth = nano.folder / "tests/nano/data/truth.h5"
    (nano.folder / "other/truth.h5").write_bytes(truth.read_bytes())
    with h5py.File(nano.folder / "other/truth.h5", "a") as file:
        file["membrane"][0] = 1 - file["membrane"][0]
    nano.edit(NANO, "tests/nano/data/truth.h5:membrane", "other/truth.h5:membrane")
    assert "withhold_truth" in nano.stale_rules() and "ingest_volume" not in nano.stale_rules()
