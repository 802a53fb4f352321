"""
Configuration -> checked and canonical; what the rule files share.

needs   config.yaml and the files of --configfile
makes   config, the wildcards, and the few functions that rules call
"""

import os
import re
import shutil
import sys
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
from synthem.config.checking import check_config, check_syntax, from_command_line, with_home
from synthem.config.kinds import chosen
from synthem.config.needs import masks_beside, membrane_network, membranes_from, other_networks
from synthem.networks.registry import DISCRIMINATORS, GENERATORS, SEGMENTERS
from synthem.runs.ending import hear_stop_requests, last_words
from synthem.errors import SynthemError, SynthemErrors
from synthem.storage.files import check_folder, read_json
from synthem.storage.code import code_hash
from synthem.storage.provenance import content_hash
from synthem.public.datasets import public_files
from synthem.sources.names import files_of
from synthem.config.entries import sources_of

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
    config = or_stop(check_config, written, yaml.safe_load(schema))

VOLUMES = config["volumes"]  # the target, and what the arms need beside it
PUBLIC_VOLUMES = {
    name: {
        "folder": written["volumes"][name]["folder"],
        "files": public_files(written["volumes"][name]["layout"]),
    }
    for name in VOLUMES
    if public_files(written["volumes"][name].get("layout"))
}
TARGET = config["target"]
# The source teaches and is not scored: it has no test block.
SPLITS = {name: config["split"] | ({} if name == TARGET else {"test": 0, "fold": 0}) for name in VOLUMES}
ARMS = config["experiment"]["arms"]
FRACTIONS = config["experiment"]["fractions"]
SEEDS = config["experiment"]["seeds"]
CONDITIONS = [{"structure": config["structure"]}.get(word, word) for word in config["gans"]["sees"]]
FORMATS = config["exports"]["formats"]
LABEL_FORMATS = [word for word in FORMATS if word in ("fiji", "napari", "cremi", "zarr")]
VIDEO_FORMATS = [word for word in (config["video"]["format"],) if word != "none"]
COMPARED_METHODS = config["watershed"]["compare"]
MEMBRANES_FROM = membranes_from(config, VOLUMES)
PREDICTED_MEMBRANES = [TARGET] if MEMBRANES_FROM == "source" else []  # volumes
MEMBRANE_NETWORKS = [name for kind, name in other_networks(config, VOLUMES) if kind == "membranes"]
PRETRAINED_VOLUMES = [name for kind, name in other_networks(config, VOLUMES) if kind == "pretraining"]
STYLEGAN_VOLUMES = [TARGET] if config["stylegan"]["wanted"] else []
# The networks that the config chooses: module and class.
MEMBRANE_SEGMENTER = SEGMENTERS[config["membranes"]["network"]["kind"]]
GENERATOR = GENERATORS[config["gans"]["generator"]["kind"]]
DISCRIMINATOR = DISCRIMINATORS[config["gans"]["discriminator"]["kind"]]
UNET_SEGMENTER = SEGMENTERS[config["unets"]["network"]["kind"]]
SYNTHETIC_ARMS = [arm for arm in ARMS if "synthetic" in config["arms"][arm]]
SYNTHETIC_FRACTIONS = FRACTIONS if SYNTHETIC_ARMS else []
DECISIONS = [
    f"results/synthesis/{TARGET}/fraction-{fraction}/decision.json" for fraction in SYNTHETIC_FRACTIONS
]


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
    fraction=r"[0-9.e-]+",
    seed=r"[0-9]+",
    part=r"[0-9]+",
    parts=r"[0-9]+",
    format=r"[a-z0-9]+",


def code(script, *networks):
    """Hash of the script and of all library code that it reaches: what `params` compares.

    networks: the classes that it builds or loads because the config chooses them: no import statement names these.
    """
    return or_stop(code_hash, SCRIPTS / script, networks)


def demo_sizes_here():
    """The sizes of the demo that networks of this run have."""
    trained = {"unets": True, "gans": bool(SYNTHETIC_FRACTIONS), "membranes": bool(PREDICTED_MEMBRANES)}
    return demo_sizes(config, [section for section, wanted in trained.items() if wanted])


def placed(value):
    """Params with every path below results/ as inputs and outputs have it: a module may have a `prefix:`."""
    if isinstance(value, dict):
        return {key: placed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [placed(one) for one in value]
    return PLACES.replace_prefix(value) if str(value).startswith("results/") else value


def watershed_settings(method):
    """What tuning and using one way to instances depend on: the settings of others concern nobody."""
    watershed = config["watershed"]
    return {"method": method, "tune_by": watershed["tune_by"], "settings": watershed[method]}


def watershed_of_masks():
    """The same for masks, which have no probabilities to tune on: as components, if not as bodies."""
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


def seen_beside(name):
    """The masks that a membrane network sees beside the image, where it has learnt on this volume."""
    return masks_beside(config, VOLUMES[name])


def membrane_of(wildcards):
    """The predicted membrane of a volume that has no true one, for generators that see membranes."""
    known = "membrane" in VOLUMES[wildcards.volume]["masks"] or "membrane" not in CONDITIONS
    return [] if known else f"results/membranes/{wildcards.volume}/membrane.h5"


def withheld_membrane(wildcards):
    """The truth that the assessment of predicted membranes may read, where there is one."""
    known = "membrane" in VOLUMES[wildcards.volume]["withheld"]
    return f"results/withheld/{wildcards.volume}.h5" if known else []


def synthetic_data(wildcards):
    """The synthetic volume of arms that use one: `real` never waits for a GAN."""
    if "synthetic" not in config["arms"][wildcards.arm]:
        return []
    return f"results/synthesis/{wildcards.volume}/fraction-{wildcards.fraction}/volume.h5"


def started_as(section, own):
    """For each network of a section, the section: what start.from names starts from random weights itself."""

    def section_of(wildcards):
        training = config[section]["training"]
        if training["start"]["from"] == own.format(**wildcards):
            training = {**training, "start": {**training["start"], "from": ""}}
        return chosen({**config[section], "training": training})

    return section_of


membranes_of = started_as("membranes", "results/membranes/{volume}/network.pt")
gans_of = started_as("gans", "results/gans/{volume}/fraction-{fraction}/network.pt")
pretraining_of = started_as("pretraining", "results/pretraining/{volume}/network.pt")


def start_of(section_of):
    """The network that a network starts from, where the config names one."""
    return lambda wildcards: named_file(section_of(wildcards)["training"]["start"]["from"])


def named_file(path):
    """A file that the config names, if any, as an input: no `prefix:` of a module concerns a user's files."""
    return [path if path.startswith("results/") else local(path)] if path else []


def prediction_parts(wildcards):
    """The shares of a prediction, where it has more than one."""
    parts = config["progress"]["prediction_parts"]
    path = "results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/parts/{part}-of-{parts}.h5"
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
    """The file, where the data has true instances of the structure; else nothing."""
    return [path] if config["structure"] in VOLUMES[TARGET]["labels"] else []


def of_real_runs(path, arms=ARMS, fractions=FRACTIONS, seeds=SEEDS, **others):
    """`path` filled in for every run that learns from real data alone: it waits for no GAN."""
    arms = [arm for arm in arms if arm not in SYNTHETIC_ARMS]
    return expand(path, volume=TARGET, arm=arms, fraction=fractions, seed=seeds, **others)


def of_synthetic_runs(path, arms=ARMS, fractions=FRACTIONS, seeds=SEEDS, **others):
    """The same for runs that learn from synthetic data, of fractions whose generator is good enough.

    It stands beside `of_real_runs` under a name of its own: all that one input function names waits for the filter.
    """
    arms = [arm for arm in arms if arm in SYNTHETIC_ARMS]
    return of_good_fractions(path, fractions, arm=arms, seed=seeds, **others) if arms else []


def of_good_fractions(path, fractions=SYNTHETIC_FRACTIONS, **others):
    """`path` filled in for the label fractions of which enough synthetic slices passed the filter.

    A fraction may be "{fraction}", the wildcard of the rule that asks.
    """

    def paths(wildcards):
        asked = [str(fraction).format(**wildcards) for fraction in fractions]
        good = [fraction for fraction in asked if enough_synthetic(fraction)]
        return expand(path, volume=TARGET, fraction=good, **others)

    return paths


def enough_synthetic(fraction):
    """Whether enough slices passed the filter to train on: not known before it has run."""
    made = checkpoints.filter_volume.get(volume=TARGET, fraction=fraction).output
    return read_json(made.decision)["enough"]


def of_every_run(path, **choices):
    """`path` filled in for all runs, for a target: no fraction waits for the filter of another."""
    return [
        after_check(of_real_runs(path, **choices)),
        *[
            after_check(of_synthetic_runs(path, fractions=[fraction], **choices))
            for fraction in SYNTHETIC_FRACTIONS
        ],
    ]


def after_filter(paths):
    """The files of a target that collect all runs, known only when the filter has decided for every fraction.

    This gate stands at the targets, too: of a job that came into the plan before its input functions could be
    answered, Snakemake does not ask again whether its params or the set of its inputs have changed. What nobody has
    to wait for, the runs of real data and the decisions, goes ahead.
    """

    def gated(wildcards):
        for fraction in SYNTHETIC_FRACTIONS:
            enough_synthetic(str(fraction))
        return paths

    scores = "results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/scores.csv"
    return [after_check([*of_real_runs(scores), *DECISIONS]), after_check(gated)]


def export_options(wildcards):
    """What a format asks for beside the volume."""
    options = {
        "pairs": {"size": config["exports"]["pair_size"] or None},
        "nnunet": {"dataset": 1, "name": wildcards.volume, "structure": config["structure"]},
    }
    return options.get(wildcards.format, {})


def semantics_network(wildcards):
    """The network whose features of the images condition the discriminator of pre-training, if any."""
    word = config["pretraining"]["semantics"]
    return {"none": [], "encoder": [membrane_network(config)]}.get(word, named_file(word))


def semantics_classes():
    """What that network may be: a file does not show its kind before it is read."""
    word = config["pretraining"]["semantics"]
    return {"none": [], "encoder": [MEMBRANE_SEGMENTER]}.get(word, SEGMENTERS.values())
