"""
Configuration -> checked and canonical; what the rule files share.

needs   config.yaml and the files of --configfile
makes   config, the wildcards, and the few functions that rules call
"""

import os
import re
import shutil
import sys
from functools import cache
from itertools import product
from pathlib import Path

import yaml
from snakemake.logging import logger
from snakemake.utils import min_version, update_config

min_version("9.27")

# Not workflow.basedir, nor `configfile:` below: where another workflow uses this one as a module, the one is the
# folder of that workflow, and the other is skipped.
HOME = Path(workflow.current_basedir).parent
SCRIPTS = HOME / "workflow_scripts"
sys.path.insert(0, str(SCRIPTS))

from synthem.compute.allocation import ENVIRONMENT
from synthem.checks.sizes import demo_sizes
from synthem.comparison.strategies import strategies_alone
from synthem.config.checking import check_config, check_syntax, from_command_line, with_home
from synthem.config.kinds import chosen
from synthem.config.needs import (
    masks_beside,
    membrane_network,
    membrane_predictions,
    membranes_from,
    other_networks,
)
from synthem.config.study import REAL
from synthem.networks.registry import DISCRIMINATORS, GENERATORS, SEGMENTERS
from synthem.plans.hopeless import hopeless, is_to_answer
from synthem.plans.jobs import lighter_jobs, parts_of_arms, trainings
from synthem.runs.ending import hear_stop_requests, last_words
from synthem.errors import SynthemError, SynthemErrors
from synthem.storage.files import check_folder, read_json
from synthem.storage.code import code_hash
from synthem.storage.provenance import content_hash
from synthem.public.datasets import public_files
from synthem.sources.names import files_of
from synthem.config.entries import sources_of, split_of

for variable, value in ENVIRONMENT.items():
    os.environ.setdefault(variable, value)  # jobs inherit it


def or_stop(check, *arguments):
    """The result of a check; its error block alone, without a traceback, where it fails."""
    try:
        return check(*arguments)
    except (SynthemError, SynthemErrors) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


PLACES = workflow.modifier.path_modifier
IS_MODULE = not workflow.modifier.is_main_snakefile()  # then the command line is that of another workflow

for folder in (".snakemake", PLACES.replace_prefix("results")):
    or_stop(check_folder, folder)
for path in [HOME / "config.yaml", *([] if IS_MODULE else workflow.configfiles)]:
    or_stop(check_syntax, path)

# config.yaml of the project holds every default; --configfile, or `config:` of a module, names only what differs.
with open(HOME / "config.yaml") as defaults:
    layers = [yaml.safe_load(defaults), config]
config = {}  # with mappings of its own: two places of one YAML anchor share theirs, and would change together
for layer in layers:
    update_config(config, layer)

for entry in or_stop(from_command_line, [] if IS_MODULE else workflow.config_settings.config_args):
    update_config(config, entry)
with open(HOME / "rules/schemas/config.schema.yaml") as schema:
    written = with_home(config)
    config, STUDY = or_stop(check_config, written, yaml.safe_load(schema))
if problem := hopeless(config):
    print(problem, file=sys.stderr)
    sys.exit(1)

VOLUMES = config["volumes"]  # the targets, and what the arms need beside them
PUBLIC_VOLUMES = {
    name: {
        "folder": written["volumes"][name]["folder"],
        "files": public_files(written["volumes"][name]["layout"]),
    }
    for name in VOLUMES
    if public_files(written["volumes"][name].get("layout"))
}
TARGETS = config["targets"]
# What only teaches is not scored: it has no test block.
SPLITS = {name: split_of(config["split"], VOLUMES[name], scored=name in TARGETS) for name in VOLUMES}
ARMS = list(STUDY.arms)
REFERENCE = config["study"]["reference"]
BUDGETS = config["labels"]["budgets"]
REPLICATES = range(1, config["study"]["replicates"] + 1)
SEEDS = range(1, config["study"]["seeds"] + 1)
MOST_LABELS = "all" if "all" in BUDGETS else max(BUDGETS)
LABELS = {"validation": config["labels"]["validation"]}  # beside the strategy, which a variant may change
FORMATS = config["exports"]["formats"]
LABEL_FORMATS = [word for word in FORMATS if word in ("fiji", "napari", "cremi", "zarr")]
VIDEO_FORMATS = [word for word in (config["video"]["format"],) if word != "none"]
COMPARED_METHODS = config["watershed"]["compare"]
PREDICTED_MEMBRANES = membrane_predictions(STUDY, VOLUMES)  # (volume, variant)
OTHER_NETWORKS = other_networks(STUDY, VOLUMES)  # (kind, volume, variant)
STYLEGAN_VOLUMES = TARGETS if config["stylegan"]["wanted"] else []
PAINTED = STUDY.of_kind("gan")  # data sets of generators
RIVALS = STUDY.of_kind("copy_paste", "bent", "copies")  # made of the labelled slices without a generator
MISMATCHED = STUDY.of_kind("mismatched")
ARMS_IN_WORDS = {
    name: {"sets": arm.sets, "then": arm.then, "switch": arm.switch, "variant": arm.variant}
    | {"data_sets": {one: STUDY.data_sets[one] for one in arm.learns_from}}
    for name, arm in STUDY.arms.items()
}
# Arms whose networks are trained and used; the others share them.
TRAINED_ARMS = list(dict.fromkeys(STUDY.first_arm(arm, "unets", "labels") for arm in ARMS))

NO_NAME = "(?!)"  # a pattern that nothing matches

# Where the results of one network of the study lie, and those of one draw of labels.
RUN = "{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}"
GAN = "{volume}/{variant}/budget-{budget}/replicate-{replicate}"
DRAW = "{volume}/budget-{budget}/replicate-{replicate}"
BASELINE = "{volume}/baseline/budget-{budget}/replicate-{replicate}"
FOREST = "{volume}/forest/budget-{budget}/replicate-{replicate}"
DATA_SET = "{volume}/{data_set}/budget-{budget}/replicate-{replicate}"


onstart:
    hear_stop_requests()


onerror:
    jobs = workflow.scheduler.failed
    ended = [
        (job.name, [str(log) for log in job.log], workflow.local_exec or job.is_local) for job in jobs
    ]
    logger.error(last_words(ended))
    sys.exit(1)  # Snakemake's own last words would hide these


wildcard_constraints:
    phantom=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    volume=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    arm=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    variant=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    data_set=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    budget=r"[0-9]+|all",
    replicate=r"[0-9]+",
    seed=r"[0-9]+",
    part=r"[0-9]+",
    parts=r"[0-9]+",
    format=r"[a-z0-9]+",


@cache
def code(script, *networks):
    """Hash of the script and of all library code that it reaches: what `params` compares.

    networks: the classes that it builds or loads because the config chooses them: no import statement names these.
    """
    return or_stop(code_hash, SCRIPTS / script, networks)


def demo_sizes_here():
    """The sizes of the demo that networks of this run have."""
    trained = {"unets": True, "gans": bool(PAINTED), "membranes": bool(PREDICTED_MEMBRANES)}
    return demo_sizes(config, [section for section, wanted in trained.items() if wanted])


def placed(value):
    """Params with every path below results/ as inputs and outputs have it: a module may have a `prefix:`."""
    if isinstance(value, dict):
        return {key: placed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [placed(one) for one in value]
    return PLACES.replace_prefix(value) if str(value).startswith("results/") else value


def of_kind(*kinds):
    """A wildcard constraint: the names of the data sets of these kinds."""
    return "|".join(map(re.escape, STUDY.of_kind(*kinds))) or NO_NAME


def settings(variant):
    """The config under a variant."""
    return STUDY.configs[variant]


def settings_of(arm):
    """The config under the variant of an arm."""
    return settings(STUDY.arms[arm].variant)


def drawing(variant):
    """How the labelled slices of a budget are drawn, beside budget and replicate."""
    return LABELS | {"strategy": settings(variant)["labels"]["strategy"]}


# Every draw of labelled slices of the run.
DRAWS = [
    {**how, "budget": str(budget), "replicate": replicate}
    for how in {
        drawing(arm.variant)["strategy"]: drawing(arm.variant) for arm in STUDY.arms.values()
    }.values()
    for budget, replicate in product(BUDGETS, REPLICATES)
]


def drawing_of_set(wildcards):
    return drawing(STUDY.variant_of(wildcards.data_set))


def drawing_of_arm(wildcards):
    return drawing(STUDY.arms[wildcards.arm].variant)


def watershed_settings(wildcards):
    """What tuning and using one way to instances depend on: the settings of others concern nobody."""
    watershed = settings_of(wildcards.arm)["watershed"]
    return {key: watershed[key] for key in ("method", "tune_by")} | {
        "settings": watershed[watershed["method"]]
    }


def target_of(wildcards):
    """What the U-Nets of an arm learn to find."""
    return chosen(settings_of(wildcards.arm)["unets"]["target"])


def segmenter_of(wildcards):
    return SEGMENTERS[settings_of(wildcards.arm)["unets"]["network"]["kind"]]


def membrane_segmenter(wildcards):
    return SEGMENTERS[settings(wildcards.variant)["membranes"]["network"]["kind"]]


def generator_of(variant):
    return GENERATORS[settings(variant)["gans"]["generator"]["kind"]]


def discriminator_of(variant):
    return DISCRIMINATORS[settings(variant)["gans"]["discriminator"]["kind"]]


def conditions_of(variant):
    """The masks that generators of a variant see."""
    return [{"structure": config["structure"]}.get(word, word) for word in settings(variant)["gans"]["sees"]]


def made_as(wildcards):
    """The config under which a data set is made."""
    return settings(STUDY.variant_of(wildcards.data_set))


def conditions_of_set(wildcards):
    """The masks that images of a data set are painted on."""
    return conditions_of(STUDY.variant_of(wildcards.data_set))


def watershed_of_masks():
    """One way to instances for masks, which have no probabilities to tune on: as components, if not as bodies."""
    method = "bodies" if config["watershed"]["method"] == "bodies" else "components"
    settings = {key: value for key, value in config["watershed"][method].items() if key != "thresholds"}
    return {"method": method, "settings": settings}


def gpus(wildcards):
    """Ask for a GPU where this machine has one and shows it; profiles/slurm asks for one by itself."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") == ""
    return 1 if shutil.which("nvidia-smi") and not hidden else 0


def without_withheld(name):
    """A volume of the config as networks may know it."""
    return {**VOLUMES[name], "withheld": {}}


def withheld_alone(name):
    """The truth of a volume that no network may see, with the image that it belongs to."""
    return {**VOLUMES[name], "masks": {}, "labels": {}}


def more_each_time(mb):
    """Memory for a job: a job that was killed for its memory gets more when it is tried again."""
    return lambda wildcards, attempt: mb * attempt


def phantoms_of(volume):
    """The embedded data sets that a volume is made from."""
    found = (re.match(r"results/phantoms/[^/]+", source) for source in sources_of(volume))
    return sorted({match.group() for match in found if match})


def files_behind(volume):
    """The user's files of a volume, those that are missing too."""
    own = (source for source in sources_of(volume) if not source.startswith("results/phantoms/"))
    return list(dict.fromkeys(str(file) for source in placed(list(own)) for file in files_of(source)))


def content(volume):
    """Hash of the content of the user's files of a volume: touching them changes nothing."""
    return content_hash(files_behind(volume), ".snakemake/synthem-content.json")


def finished_content(wildcards):
    """Hash of what a comparison of two folders reads: neither is made by this run, so none is an input."""
    patterns = ("tables/*/scores.csv", "tables/*/partitions.csv", "report/*/provenance.json")
    files = [file for folder in config["compare"] for one in patterns for file in Path(folder).glob(one)]
    return content_hash(files, ".snakemake/synthem-content.json")


def present_files(volume):
    """Files that are there; that one is missing is for `check_volumes` to say, in words.

    Snakemake would fill in braces in a name: such a file counts by its content alone. A module's `prefix:` is for
    what is made, not for the files of a user: `local` keeps it away.
    """
    own = [file for file in files_behind(volume) if os.path.isfile(file) and not {"{", "}"} & set(file)]
    return phantoms_of(volume) + [local(ancient(file)) for file in own]


def raw_data(wildcards):
    return present_files(without_withheld(wildcards.volume))


def withheld_data(wildcards):
    return present_files(withheld_alone(wildcards.volume))


def all_raw_data(wildcards):
    return [file for volume in VOLUMES.values() for file in present_files(volume)]


def seen_beside(name, variant):
    """The masks that a membrane network sees beside the image, where it has learnt on this volume."""
    return masks_beside(settings(variant), VOLUMES[name])


def membrane_for(volume, variant):
    """The predicted membrane of a volume that has no true one, for generators that see membranes."""
    if membranes_from(settings(variant), VOLUMES, volume) != "source":
        return []
    return f"results/membranes/{volume}/{STUDY.alike(variant, 'membranes', 'inference')}/membrane.h5"


def membrane_of_gan(wildcards):
    return membrane_for(wildcards.volume, wildcards.variant)


def membrane_of_set(wildcards):
    return membrane_for(wildcards.volume, STUDY.variant_of(wildcards.data_set))


def withheld_membrane(wildcards):
    """The truth that the assessment of predicted membranes may read, where there is one."""
    known = "membrane" in VOLUMES[wildcards.volume]["withheld"]
    return f"results/withheld/{wildcards.volume}.h5" if known else []


def gan_variant(data_set, volume):
    """The variant under whose name the generator of a data set is trained."""
    variant = STUDY.variant_of(data_set)
    predicted = membranes_from(settings(variant), VOLUMES, volume) == "source"
    return STUDY.alike(variant, "gans", "labels", *(["membranes", "inference"] if predicted else []))


def generator_of_set(wildcards):
    """The trained generator that paints a data set."""
    variant = gan_variant(wildcards.data_set, wildcards.volume)
    return f"results/gans/{GAN}/network.pt".format(**dict(wildcards.items()) | {"variant": variant})


def sets_of(wildcards):
    """The files of the data sets that an arm learns from: `real` never waits for a GAN."""
    return [file_of_set(name, wildcards) for name in STUDY.arms[wildcards.arm].learns_from]


def names_of_sets(wildcards):
    """The same data sets by name."""
    return STUDY.arms[wildcards.arm].learns_from


def file_of_set(name, wildcards):
    data_set = STUDY.data_sets[name]
    if data_set["kind"] == "volume":
        return f"results/volumes/{data_set['volume']}/volume.h5"
    return f"results/synthesis/{DATA_SET}/volume.h5".format(**dict(wildcards.items()) | {"data_set": name})


def matched_set(wildcards):
    """The generated data set whose images and masks a control mismatches."""
    return file_of_set(STUDY.data_sets[wildcards.data_set]["of"], wildcards)


def learning_of(wildcards):
    """What an arm learns from: the shares of its data sets."""
    arm = STUDY.arms[wildcards.arm]
    return {"sets": arm.sets, "then": arm.then, "switch": arm.switch if arm.then else 0.0}


def network_of(wildcards):
    """The network of an arm, or of the first arm with the same data and settings of the U-Net."""
    arm = STUDY.first_arm(wildcards.arm, "unets", "labels")
    return f"results/unets/{RUN}/network.pt".format(**dict(wildcards.items()) | {"arm": arm})


def probability_of(wildcards):
    """The same for what the network predicts."""
    arm = STUDY.first_arm(wildcards.arm, "unets", "labels", "inference")
    return f"results/unets/{RUN}/probability.h5".format(**dict(wildcards.items()) | {"arm": arm})


def started_as(section, own):
    """For each network of a section, the section: what start.from names starts from random weights itself."""

    def section_of(wildcards):
        part = settings(wildcards.variant)[section]
        training = part["training"]
        if training["start"]["from"] == own.format(**wildcards):
            training = {**training, "start": {**training["start"], "from": ""}}
        return chosen({**part, "training": training})

    return section_of


membranes_of = started_as("membranes", "results/membranes/{volume}/{variant}/network.pt")
gans_of = started_as("gans", f"results/gans/{GAN}/network.pt")
pretraining_of = started_as("pretraining", "results/pretraining/{volume}/{variant}/network.pt")


def start_of(section_of):
    """The network that a network starts from, where the config names one."""
    return lambda wildcards: named_file(section_of(wildcards)["training"]["start"]["from"])


def start_of_unet(wildcards):
    return named_file(settings_of(wildcards.arm)["unets"]["training"]["start"]["from"])


def named_file(path):
    """A file that the config names, if any, as an input: no `prefix:` of a module concerns a user's files."""
    return [path if path.startswith("results/") else local(path)] if path else []


def prediction_parts(wildcards):
    """The shares of a prediction, where it has more than one."""
    parts = config["progress"]["prediction_parts"]
    path = f"results/unets/{RUN}/parts/{{part}}-of-{{parts}}.h5"
    return expand(path, **wildcards, part=range(1, parts + 1), parts=parts) if parts > 1 else []


def after_check(paths):
    """The files of a target, known only when all data is found sound: no job starts before.

    The gate stands at the targets. A gate between jobs would tie every job to the data of all volumes: Snakemake
    runs again what depends on a job that runs, and with `ancient` it no longer looks whether the job behind the
    gate is stale by itself.
    """

    def gated(wildcards):
        checkpoints.check_volumes.get()
        return paths(wildcards) if callable(paths) else paths

    return gated


def with_instances(path):
    """The file of each target whose data has true instances of the structure."""
    known = [name for name in TARGETS if config["structure"] in VOLUMES[name]["labels"]]
    return expand(path, volume=known)


GRID_ARMS = [arm for arm in ARMS if settings_of(arm)["watershed"]["grid"]]
REAL_ARMS = [arm for arm in ARMS if not STUDY.generators_of(arm)]
PAINTED_ARMS = [arm for arm in ARMS if STUDY.generators_of(arm)]


def of_real_runs(
    path, arms=ARMS, volume="{volume}", budget=BUDGETS, replicate=REPLICATES, seed=SEEDS, **others
):
    """`path` filled in for every run that waits for no GAN."""
    arms = [arm for arm in arms if arm in REAL_ARMS]
    return expand(path, volume=volume, arm=arms, budget=budget, replicate=replicate, seed=seed, **others)


def of_painted_runs(
    path, arms=ARMS, volume="{volume}", budget=BUDGETS, replicate=REPLICATES, seed=SEEDS, **others
):
    """The same for runs that learn from painted images, of replicates whose generators are good enough.

    It stands beside `of_real_runs` under a name of its own: all that one input function names waits for the filter.
    """
    arms = [arm for arm in arms if arm in PAINTED_ARMS]

    def paths(wildcards):
        found = []
        for own, arm, number, draw in product(listed(volume), arms, listed(budget), listed(replicate)):
            place = {"volume": own, "budget": number, "replicate": draw}
            place = {key: str(word).format(**wildcards) for key, word in place.items()}
            if all(enough_images(name, **place) for name in STUDY.generators_of(arm)):
                found += expand(path, arm=arm, seed=seed, **place, **others)
        return found

    return paths if arms else []


def of_painted_sets(
    path, volume="{volume}", data_sets=PAINTED, budget=BUDGETS, replicate=REPLICATES, **others
):
    """`path` filled in for data sets of painted images of which enough passed the filter."""

    def paths(wildcards):
        found = []
        for own, name, number, draw in product(listed(volume), data_sets, listed(budget), listed(replicate)):
            place = {"volume": own.format(**wildcards), "budget": number, "replicate": draw}
            if enough_images(name, **place):
                found += expand(path, data_set=name, **place, **others)
        return found

    return paths if data_sets else []


def of_draws(path):
    """`path` filled in for every draw of labels."""
    return expand(path, volume="{volume}", budget=BUDGETS, replicate=REPLICATES)


def of_gans(path):
    """`path` filled in for every generator of a volume that is trained."""

    def paths(wildcards):
        variants = dict.fromkeys(gan_variant(name, wildcards.volume) for name in PAINTED)
        return expand(path, volume=wildcards.volume, variant=variants, budget=BUDGETS, replicate=REPLICATES)

    return paths


def of_painters(path, volume="{volume}", replicate=REPLICATES):
    """`path` filled in for every data set of a generator, whether its images are good enough or not."""
    return expand(path, volume=volume, data_set=PAINTED, budget=BUDGETS, replicate=replicate)


def of_rivals(path, volume="{volume}", replicate=REPLICATES):
    """`path` filled in for every data set that is made of labelled slices without a generator."""
    return expand(path, volume=volume, data_set=RIVALS, budget=BUDGETS, replicate=replicate)


def of_predicted_membranes(path):
    """`path` filled in for each volume and variant whose membranes a network predicts."""
    return [path.format(volume=volume, variant=variant) for volume, variant in PREDICTED_MEMBRANES]


def of_own_membranes(path, wildcards):
    """The same for one volume."""
    own = [variant for volume, variant in PREDICTED_MEMBRANES if volume == wildcards.volume]
    return [path.format(volume=wildcards.volume, variant=variant) for variant in own]


def membranes_shown(wildcards):
    """Whose membranes images are painted on: `target`, `source` or `none`."""
    origins = [
        membranes_from(settings(STUDY.variant_of(name)), VOLUMES, wildcards.volume) for name in PAINTED
    ]
    return next((one for one in ("source", "target") if one in origins), "none")


def of_others(path, kind):
    """`path` filled in for each network of a kind that is trained for others to use."""
    return [path.format(volume=name, variant=variant) for one, name, variant in OTHER_NETWORKS if one == kind]


def listed(value):
    return [value] if isinstance(value, (str, int)) else list(value)


def enough_images(data_set, **place):
    """Whether enough images passed the filter to learn from: not known before it has run."""
    made = checkpoints.filter_volume.get(data_set=STUDY.painted_by(data_set), **place).output
    return read_json(made.decision)["enough"]


def of_every_run(path, **choices):
    """`path` filled in for all runs, for a target: no draw of labels waits for the filter of another."""
    draws = product(TARGETS, BUDGETS, REPLICATES) if PAINTED_ARMS else []
    return [
        after_check(of_real_runs(path, volume=TARGETS, **choices)),
        *[
            after_check(of_painted_runs(path, volume=volume, budget=budget, replicate=replicate, **choices))
            for volume, budget, replicate in draws
        ],
    ]


def after_filter(paths):
    """The files of a target that collect all runs, known only when the filter has decided for every draw of labels.

    This gate stands at the targets, too: of a job that came into the plan before its input functions could be
    answered, Snakemake does not ask again whether its params or the set of its inputs have changed. What nobody has
    to wait for, the runs of real data and the decisions, goes ahead.
    """

    def gated(wildcards):
        for data_set, volume, budget, replicate in product(PAINTED, TARGETS, BUDGETS, REPLICATES):
            enough_images(data_set, volume=volume, budget=budget, replicate=replicate)
        return paths

    scores = of_real_runs(f"results/metrics/{RUN}/scores.csv", volume=TARGETS)
    return [
        after_check([*scores, *of_painters(f"results/synthesis/{DATA_SET}/decision.json", volume=TARGETS)]),
        after_check(gated),
    ]


def export_options(wildcards):
    """What a format asks for beside the volume."""
    options = {
        "pairs": {"size": config["exports"]["pair_size"] or None},
        "nnunet": {"dataset": 1, "name": wildcards.volume, "structure": config["structure"]},
    }
    return options.get(wildcards.format, {})


def semantics_network(wildcards):
    """The network whose features of the images condition the discriminator of pre-training, if any."""
    word = settings(wildcards.variant)["pretraining"]["semantics"]
    return {"none": [], "encoder": [membrane_network(STUDY, wildcards.variant)]}.get(word, named_file(word))


def semantics_classes(wildcards):
    """What that network may be: a file does not show its kind before it is read."""
    word = settings(wildcards.variant)["pretraining"]["semantics"]
    return {"none": [], "encoder": [membrane_segmenter(wildcards)]}.get(word, SEGMENTERS.values())
