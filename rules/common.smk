"""
Configuration -> checked and canonical; what the rule files share.

needs   config.yaml and the files of --configfile
makes   config, the wildcards, and the few functions that rules call
"""

import os
import re
import sys
from functools import cache, reduce
from itertools import product
from pathlib import Path

from snakemake.iocontainers import Wildcards
from snakemake.logging import logger
from snakemake.utils import min_version

min_version("9.27")

# Not workflow.basedir, nor `configfile:` below: where another workflow uses this one as a module, the one is the
# folder of that workflow, and the other is skipped.
HOME = Path(workflow.current_basedir).parent
SCRIPTS = HOME / "workflow_scripts"
sys.path.insert(0, str(SCRIPTS))

from synthem.compute.allocation import ENVIRONMENT
from synthem.checks.findings import checked_words
from synthem.checks.sizes import demo_sizes, reach_of
from synthem.comparison.arms import controls_of
from synthem.comparison.strategies import strategies_alone
from synthem.config.applying import applied_target, stack_in
from synthem.config.checking import (
    check_config,
    check_keys,
    check_syntax,
    from_command_line,
    read_yaml,
    with_home,
)
from synthem.config.data_sets import OF_SLICES
from synthem.config.depth import inference_of
from synthem.config.differences import changes
from synthem.config.kinds import chosen, options_of
from synthem.config.labels import drawing_as_it_acts, validated_as_it_acts
from synthem.config.shared import shared_networks
from synthem.config.sheets import shown_sets
from synthem.config.study import merged
from synthem.config.papers import paper_files, printed_file
from synthem.config.command_line import check_options, check_targets
from synthem.config.needs import (
    folds_of_one_stack,
    generator_variant,
    generators_on,
    mask_generator_variant,
    mask_generators_on,
    masks_beside,
    membrane_network,
    membrane_predictions,
    membranes_from,
    other_networks,
    start_file,
    variants_of_generators,
)
from synthem.gans.conditions import channels_of, names_of
from synthem.gans.objectives import OBJECTIVES
from synthem.networks.registry import DISCRIMINATORS, GENERATORS, IN_BYTES, SEGMENTERS
from synthem.plans.forecast import digest_of, forecast
from synthem.plans.hopeless import hopeless, is_to_answer, unplanned
from synthem.plans.jobs import lighter_jobs, parts_of_arms, trainings
from synthem.plans.requests import (
    Node,
    more_each_time as each_time,
    predicting_mb,
    predicting_minutes,
    training_mb,
    training_minutes,
)
from synthem.plans.sizes import preset_of, shows_gpu, size_in
from synthem.plans.trainings import TRAININGS
from synthem.log import TEXT
from synthem.report.styling import templates_in
from synthem.runs.alone import alone
from synthem.runs.cluster import check_partitions, left_behind, limit, lost_gpus, profiles_of
from synthem.runs.frozen import LAYERS, keep_for_jobs
from synthem.runs.ending import hear_stop_requests, last_words, leave_at_ctrl_c
from synthem.runs.lost_records import LostRecords
from synthem.runs.terminal import show_steps
from synthem.errors import SynthemError, SynthemErrors
from synthem.storage.files import check_braces, check_folder, check_named, read_value
from synthem.storage.code import Code
from synthem.storage.named_files import bytes_hash, held_hash, started_by_content
from synthem.storage.provenance import content_hash, settings_hash
from synthem.storage.splits import WHOLE
from synthem.storage.syntaxes import keep_syntaxes
from synthem.public.datasets import how_to_get, public_files
from synthem.sources.counted import counted_names
from synthem.sources.names import files_of, split_source
from synthem.config.entries import sources_of, split_of, with_sources

for variable, value in ENVIRONMENT.items():
    os.environ.setdefault(variable, value)  # jobs inherit it


def or_stop(check, *arguments):
    """The result of a check; its error block alone, without a traceback, where it fails."""
    try:
        return check(*arguments)
    except (SynthemError, SynthemErrors) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


CODE = Code(SCRIPTS)
CHOOSABLE = [
    name for kinds in (DISCRIMINATORS, GENERATORS, OBJECTIVES, SEGMENTERS) for name in kinds.values()
]
PLACES = workflow.modifier.path_modifier
KEPT_ALONE = []  # the lock of a run lasts as long as the file is open
IS_MODULE = not workflow.modifier.is_main_snakefile()  # then the command line is that of another workflow
CHECKED = PLACES.replace_prefix("results/checks/volumes.json")
PLAN = PLACES.replace_prefix("results/plan.json")
TERMINAL = show_steps(
    workflow,
    logger,
    lambda: checked_words(CHECKED),
    lambda: forecast(PLAN, config) if workflow.local_exec else {},  # it was reckoned for this machine
    plain=IS_MODULE,
)
if workflow.is_main_process and not IS_MODULE:
    leave_at_ctrl_c()
    logger.addHandler(LostRecords(workflow))

or_stop(check_braces, HOME)
for folder in (".snakemake", PLACES.replace_prefix("results")):
    or_stop(check_folder, folder)


with open(HOME / "rules/schemas/config.schema.yaml") as schema:
    SCHEMA = read_yaml(schema)


def layers_of_config():
    """What makes the config, one mapping over the other.

    config.yaml of the project holds every default; --configfile, or `config:` of a module, names only what differs.
    The sizes of networks lie between: `size` chooses them, and what a file of the user says of one of them wins.
    """
    for path in [HOME / "config.yaml", *([] if IS_MODULE else workflow.configfiles)]:
        check_syntax(path)
    with open(HOME / "config.yaml") as file:
        defaults = read_yaml(file)
    given = from_command_line([] if IS_MODULE else workflow.config_settings.config_args)

    def layers_with(size):
        return [defaults, preset_of(size), config, *given, {"size": size}]  # what `auto` has chosen

    def study_with(size):
        return check_config(with_home(reduce(merged, layers_with(size))), SCHEMA)

    return layers_with(size_in(".snakemake", config.get("size", defaults["size"]), study_with))


if workflow.is_main_process and not IS_MODULE:
    or_stop(check_options, sys.argv[1:])
    for profile in profiles_of(sys.argv[1:]):
        or_stop(check_keys, profile)

# Jobs of a cluster read all files again when they start: they take the config that the run began with, and scripts
# refuse code that it did not begin with (synthem.edits). A module's config is that of another workflow.
KEPT = ".snakemake/synthem-run"
if IS_MODULE or workflow.is_main_process:
    layers = or_stop(layers_of_config)
else:
    layers = config[LAYERS]
if workflow.is_main_process and not workflow.dryrun and not IS_MODULE:
    workflow.config_settings.configfiles = [or_stop(keep_for_jobs, KEPT, layers, CODE, CHOOSABLE)]
NAMED = reduce(merged, layers[1:])  # what does not stand in config.yaml alone
written = with_home(reduce(merged, layers))
config, STUDY = or_stop(check_config, written, SCHEMA)
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
# {folder of a public data set: how to get its files}
HOMES = {
    entry["folder"]: how_to_get(entry["layout"], entry["folder"])
    for name, entry in written["volumes"].items()
    if name in VOLUMES and entry.get("layout") and how_to_get(entry["layout"], entry["folder"])
}
TARGETS = config["targets"]
WHOLE_STACKS = {  # without labels, to segment: entries like those of volumes
    name: {key: value for key, value in entry.items() if key not in ("resample", "test_of")}
    for name, entry in config["apply"]["stacks"].items()
}
# Networks of others, by their names in `apply.networks`.
SHARED = or_stop(shared_networks, config, SCHEMA, NAMED)
# What only teaches is not scored: it has no test block.
SPLITS = {name: split_of(config["split"], VOLUMES[name], scored=name in TARGETS) for name in VOLUMES}
FORMATS = [word for word in config["exports"]["formats"] if word != "mesh"]


def formats_of(volume):
    """The formats that a volume is exported to: nnU-Net's is of the structure, which a source may lack."""
    return [one for one in FORMATS if one != "nnunet" or config["structure"] in VOLUMES[volume]["masks"]]


LABEL_FORMATS = [
    word for word in config["exports"]["formats"] if word in ("fiji", "napari", "cremi", "zarr", "mesh")
]
# Forms of shared networks, by the end of their files' names.
NETWORK_FORMS = {"bioimageio": "bioimageio.zip", "safetensors": "safetensors"}
NETWORK_ENDS = [NETWORK_FORMS[word] for word in config["exports"]["networks"]]
VIDEO_FORMATS = [word for word in (config["video"]["format"],) if word != "none"]
COMPARED_METHODS = config["watershed"]["compare"]
QUIZ_VOLUMES = TARGETS if config["quiz"]["wanted"] else []
ANSWERED_VOLUMES = TARGETS if config["quiz"]["answers"] else []
STYLEGAN_VOLUMES = TARGETS if config["stylegan"]["wanted"] else []


onstart:
    or_stop(check_targets, workflow.dag_settings.targets, config)
    KEPT_ALONE.append(or_stop(alone, ".snakemake"))
    if warning := unplanned(config, PLACES.replace_prefix("results/tables")):
        print(warning, file=sys.stderr)
    if not workflow.local_exec:
        or_stop(check_partitions, partitions_asked())
        for warning in lost_gpus(sys.argv[1:], resources_asked(), TRAININGS), left_behind(os.getcwd()):
            if warning:
                print(warning, file=sys.stderr)
    hear_stop_requests(jobs_here=workflow.local_exec)


onerror:
    jobs = workflow.scheduler.failed
    scrolled = TERMINAL is not None and TERMINAL.scrolled
    ended = [
        (
            job.name,
            [str(log) for log in job.log],
            (workflow.local_exec or job.is_local) and not scrolled,
        )
        for job in jobs
    ]
    said = "".join(Path(file).read_text(**TEXT) for file in log if os.path.isfile(file))
    logger.error(last_words(ended, said))
    sys.exit(1)  # Snakemake's own last words would hide these


# Wildcard constraints.
ANY_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"  # that the schema allows
NO_NAME = "(?!)"  # a pattern that nothing matches


def any_of(names):
    """A wildcard constraint: one of these names."""
    return "|".join(map(re.escape, names)) or NO_NAME


wildcard_constraints:
    phantom=ANY_NAME,
    volume=ANY_NAME,
    stack=ANY_NAME,
    arm=ANY_NAME,
    variant=ANY_NAME,
    data_set=ANY_NAME,
    budget=r"[0-9]+|all",
    replicate=r"[0-9]+",
    seed=r"[0-9]+",
    sheet=ANY_NAME,
    part=r"[0-9]+",
    parts=r"[0-9]+",
    format=r"[a-z0-9]+",
    end=any_of(NETWORK_FORMS.values()),


@cache
def code(script, *chosen):
    """Hash of the script and of the library code that it reaches, but for looks: what `params` compares.

    chosen: the classes, of networks and objectives, that the config chooses for it: no import statement names these.
    """
    return or_stop(CODE.hash, script, chosen)


def placed(value):
    """Params with every path below results/ as inputs and outputs have it: a module may have a `prefix:`."""
    if isinstance(value, dict):
        return {key: placed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [placed(one) for one in value]
    return PLACES.replace_prefix(value) if str(value).startswith("results/") else value


def watershed_of_masks():
    """One way to instances for masks, which have no probabilities to tune on: as components, if not as bodies."""
    method = "bodies" if config["watershed"]["method"] == "bodies" else "components"
    settings = {key: value for key, value in config["watershed"][method].items() if key != "thresholds"}
    return {"method": method, "settings": settings}


def gpus(wildcards):
    """Ask for a GPU where this machine has one and shows it; profiles/slurm asks for one by itself."""
    return int(shows_gpu())


def without_withheld(name):
    """A volume of the config as networks may know it."""
    return {**VOLUMES[name], "withheld": {}}


def withheld_alone(name):
    """The truth of a volume that no network may see, with the image that it belongs to."""
    return {**VOLUMES[name], "masks": {}, "labels": {}}


def node_of(rule, wildcards, **asking):
    """What a job may count on: a profile asks for GPUs, and names the most that its cluster gives a job.

    asking: what Snakemake hands to functions of resources, for values that are expressions.
    """
    asked = workflow.resource_settings.overwrite_resources.get(rule, {})
    asking |= {"rulename": rule, "async_run": workflow.async_run}
    own = {
        name: asked[name].evaluate(wildcards, **asking).value
        for name in ("gpu", "gpu_model", "gres")
        if name in asked
    }
    return Node(
        gpu=bool(own.get("gpu", gpus(None)) or own.get("gpu_model") or "gpu" in own.get("gres", "")),
        threads=asking["threads"],
        most_minutes=most("most_runtime", asked),
        most_mb=most("most_mem_mb", asked),
    )


def most(resource, asked=None):
    """A limit that a profile sets for a rule, which has `asked` for resources of its own, or for all; else None."""
    given = {**(workflow.resource_settings.default_resources or {}), **(asked or {})}
    return or_stop(limit, resource, given[resource].raw) if resource in given else None


# Told here: inside of a rule, Snakemake would add words of its own.
for _limit in ("most_runtime", "most_mem_mb"):
    most(_limit)


def partitions_asked():
    """The partitions that a profile or the command line names."""
    resources = workflow.resource_settings
    given = [resources.default_resources or {}, *resources.overwrite_resources.values()]
    return [one["slurm_partition"].raw for one in given if "slurm_partition" in one]


def resources_asked():
    """{rule: {resource: value}} of single rules, as a profile or the command line sets them."""
    asked = workflow.resource_settings.overwrite_resources
    return {name: {word: one.raw for word, one in own.items()} for name, own in asked.items()}


def more_each_time(mb):
    """Memory for a job: a job that was killed for its memory gets more when it is tried again."""
    return lambda wildcards, attempt: each_time(mb, most("most_mem_mb"), attempt)


def longer_each_time(minutes):
    """Time for a job: one that ran out of it gets more when it is tried again."""
    return lambda wildcards, attempt: each_time(minutes, most("most_runtime"), attempt)


def time_to_train(section_of):
    """Minutes for the training of a section of the config, which depends on wildcards."""
    return lambda wildcards, input, rulename, threads, attempt: training_minutes(
        section_of(wildcards),
        node_of(rulename, wildcards, input=input, threads=threads, attempt=attempt),
        attempt,
    )


def memory_to_train(section_of):
    """Megabytes for the training of a section of the config; training blocks lie in memory whole.

    Asked of jobs alone that are to run, before Snakemake deletes what they made before: where a user's file that
    the network starts from, or that pre-training sees through, is gone, that is said now, and nothing is lost.
    """

    def megabytes(wildcards, input, rulename, threads, attempt):
        section = section_of(wildcards)
        for path in (section["training"].get("start", {}).get("from", ""), semantics_in(section)):
            if is_own(path):
                or_stop(check_named, path)
        node = node_of(rulename, wildcards, input=input, threads=threads, attempt=attempt)
        return training_mb(section, input.size_mb, node, attempt)

    return megabytes


def time_to_predict(section, config_of, networks=lambda wildcards: 1):
    """Minutes for what networks of a section predict of a volume, or of one of its `parts`, in all turns."""
    return lambda wildcards, input, rulename, threads, attempt: predicting_minutes(
        config_of(wildcards)[section],
        os.path.getsize(input.volume) / 1e6,
        node_of(rulename, wildcards, input=input, threads=threads, attempt=attempt),
        attempt,
        times=config_of(wildcards)["inference"]["turns"]
        * networks(wildcards)
        / int(wildcards.get("parts", 1)),
    )


def memory_to_predict(section, config_of):
    """Megabytes for what a network of a section predicts of a volume."""
    return lambda wildcards, input, rulename, threads, attempt: predicting_mb(
        config_of(wildcards)[section],
        config_of(wildcards)["inference"],
        os.path.getsize(input.volume) / 1e6,
        node_of(rulename, wildcards, input=input, threads=threads, attempt=attempt),
        attempt,
    )


def phantoms_of(volume):
    """The embedded data sets that a volume is made from."""
    found = (re.match(r"results/phantoms/[^/]+", source) for source in sources_of(volume))
    return sorted({match.group() for match in found if match})


def files_behind(volume):
    """The user's files of a volume, those that are missing too."""
    own = (source for source in sources_of(volume) if not source.startswith("results/phantoms/"))
    return list(dict.fromkeys(file for source in own for file in files_in(source)))


def files_in(source):
    return [str(file) for file in files_of(placed(source))]


def content(volume):
    """Hash of the content and the names of the user's files of a volume: touching them changes nothing."""
    return content_hash(files_behind(volume), ".snakemake/synthem-content.json")


@cache
def content_of_source(source):
    """What the files of a source hold, and the dataset that is read there; embedded data is an input of its rule."""
    if source.startswith("results/phantoms/"):
        return source
    return [
        held_hash(counted_names(placed(source)), ".snakemake/synthem-content.json"),
        split_source(placed(source))[1],
    ]


def by_content(volume):
    """A volume with what its files hold in place of where they lie: who moves or renames them repeats nothing."""
    return with_sources(volume, content_of_source)


def content_ingested(volume):
    """Hash of what the user's files of a volume hold, which stands in what is made of them."""
    own = (source for source in sources_of(volume) if not source.startswith("results/phantoms/"))
    return settings_hash([content_of_source(source) for source in own])


def finished_content(wildcards):
    """Hash of what a comparison of two folders reads: neither is made by this run, so none is an input."""
    tables = (
        f"tables/*/{name}" for name in ("scores.csv", "partitions.csv", "comparison.csv", "verdict.json")
    )
    patterns = (*tables, "report/*/provenance.json")
    files = [file for folder in config["compare"] for one in patterns for file in Path(folder).glob(one)]
    return content_hash(files, ".snakemake/synthem-content.json")


def embedded_data(wildcards):
    """What a volume is made from, as inputs: embedded data alone.

    The user's files count by their content (`by_content`), wherever they lie; that one is missing is for
    `check_volumes` to say, in words.
    """
    return phantoms_of(VOLUMES[wildcards.volume])


def all_embedded_data(wildcards):
    return sorted({folder for volume in VOLUMES.values() for folder in phantoms_of(volume)})


def embedded_stacks(wildcards):
    return sorted({folder for stack in WHOLE_STACKS.values() for folder in phantoms_of(stack)})


def embedded_stack(wildcards):
    return phantoms_of(WHOLE_STACKS[wildcards.stack])


def withheld_membrane(wildcards):
    """The truth that the assessment of predicted membranes may read, where there is one."""
    known = "membrane" in VOLUMES[wildcards.volume]["withheld"]
    return f"results/withheld/{wildcards.volume}.h5" if known else []


def printed_values():
    """The table of what the publication of the page printed, if one is named."""
    path = or_stop(printed_file, config["paper"]["published"], HOME)
    return [local(str(path))] if path else []


def own_templates():
    """A lab's own templates of the pages, if any, as inputs: an edited one writes them anew."""
    return [local(str(file)) for file in or_stop(templates_in, config["report"]["templates"])]


def is_own(path):
    """Whether a file that the config names is one of the user, not of this workflow; "" is none."""
    return bool(path) and not path.startswith("results/")


def named_file(path_of, made):
    """Function of wildcards: a network of this workflow that the config names, if any, as an input.

    A user's file is none, for it may lie anywhere: it counts by its content (`named_content`). It is missed
    where `made` is still to be made of it, before anything trains; results that are there are what they were.
    """

    def files(wildcards):
        path = path_of(wildcards)
        if not is_own(path):
            return [path] if path else []
        if not named_content(path) or not os.path.exists(PLACES.replace_prefix(made.format(**wildcards))):
            or_stop(check_named, path)
        return []

    return files


@cache
def named_content(path):
    """Hash of what a file that the config names holds; "" of a network of this workflow: Snakemake knows more of it."""
    return bytes_hash(path, ".snakemake/synthem-content.json") if is_own(path) else ""


def answer_files(wildcards):
    """What people sent back to the quiz of a volume: no inputs, for browsers and people name them as they like.

    `Answers-bo.json.txt`, as some mail programs have it, is one of them: left out, nobody would miss it.
    """
    folder = Path(config["quiz"]["answers"].replace("{volume}", wildcards.volume))
    files = sorted(folder.glob("[Aa][Nn][Ss][Ww][Ee][Rr][Ss]*.*"))
    return [str(file) for file in files if not file.is_dir()]


def answers_content(wildcards):
    """Hash of what people sent back to the quiz of a volume."""
    return content_hash(answer_files(wildcards), ".snakemake/synthem-content.json")


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


def export_options(wildcards):
    """What a format asks for beside the volume."""
    options = {
        "pairs": {"size": config["exports"]["pair_size"] or None},
        "nnunet": {"dataset": 1, "name": wildcards.volume, "structure": config["structure"]},
    }
    return options.get(wildcards.format, {})
