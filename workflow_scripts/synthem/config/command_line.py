"""What a command line asks for in vain: targets that would make nothing, options that hide others."""

from itertools import takewhile

from synthem.errors import SynthemError

# Of each of these Snakemake silently keeps the last alone.
ONCE = {
    "--configfile": "--configfile FIRST.yaml SECOND.yaml",
    "--configfiles": "--configfile FIRST.yaml SECOND.yaml",
    "--config": '--config KEY=VALUE "OTHER={KEY: VALUE}"',
    "-C": '--config KEY=VALUE "OTHER={KEY: VALUE}"',
    "--set-resources": "--set-resources RULE:NAME=VALUE OTHER:NAME=VALUE",
}
# What is made of `targets`.
OF_TARGETS = ("plan", "membranes", "synthetic", "segmentations", "tables", "quiz", "report")
STACK = "apply: {stacks: {whole: {image: data/whole.tif}}}"


def check_options(arguments):
    """Refuse a second option of a kind of which only the last counts: the first one's files would be lost."""
    written = [word.partition("=")[0] for word in takewhile(lambda word: word != "--", arguments)]
    options = [word for word in written if word in ONCE]
    for place, option in enumerate(options):
        if ONCE[option] in (ONCE[other] for other in options[:place]):
            raise SynthemError(
                "CONFIG_SYNTAX",
                option,
                "given twice, of which Snakemake keeps the last alone",
                expected="it once",
                fix=f"write all behind one: {ONCE[option]}",
            )


def check_targets(asked, config):
    """Refuse `new`, a rule that only leads here, and targets for which the config names nothing to make."""
    if "new" in asked:
        raise SynthemError(
            "TARGET",
            "new",
            "it asks questions and writes a config, which no step of a workflow can",
            expected="the command of make",
            fix="make new IMAGE=data/stack.tif MASK=data/mask.tif",
        )
    if not config["targets"] and (vain := [target for target in OF_TARGETS if target in asked]):
        found, expected = "targets is empty, so nothing is learnt or compared", "volumes to segment"
        raise _nothing(vain[0], found, expected, "targets: [mine]")
    if "apply" in asked and not config["apply"]["stacks"]:
        raise _nothing("apply", "apply.stacks names no stack", "the stacks to segment", STACK)
    if "quiz" in asked and not config["quiz"]["wanted"]:
        raise _nothing("quiz", "quiz.wanted is false", "true", "quiz: {wanted: true}")


def _nothing(target, found, expected, line):
    return SynthemError("TARGET", target, found, expected=expected, fix=f"add to your config: {line}")
