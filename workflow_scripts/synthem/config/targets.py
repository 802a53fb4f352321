"""Targets of a command line that would make nothing, each with what its user meant."""

from synthem.errors import SynthemError

STACK = "apply: {stacks: {whole: {image: data/whole.tif}}}"


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
    if "apply" in asked and not config["apply"]["stacks"]:
        raise _nothing("apply", "apply.stacks names no stack", "the stacks to segment", STACK)
    if "quiz" in asked and not config["quiz"]["wanted"]:
        raise _nothing("quiz", "quiz.wanted is false", "true", "quiz: {wanted: true}")


def _nothing(target, found, expected, line):
    return SynthemError("TARGET", target, found, expected=expected, fix=f"add to your config: {line}")
