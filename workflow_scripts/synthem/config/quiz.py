"""What contradicts itself in the section `quiz`, the blind study."""

from synthem.config.messages import contradiction_error
from synthem.storage.naming import BASE


def quiz_contradictions(study, entries):
    """The quiz asks about images of a generator, and scores answers to the quiz of this run."""
    quiz = study.configs[BASE]["quiz"]
    if quiz["answers"] and not quiz["wanted"]:
        found = f"`{quiz['answers']}`, but quiz.wanted is false"
        yield contradiction_error(
            "quiz.answers", found, "answers to a quiz of this run", "set quiz.wanted to true"
        )
    if quiz["wanted"] and not study.of_kind("gan"):
        found = "true, but no arm of study.arms learns from images of a generator"
        fix = "add an arm with a data set of the kind gan, or set quiz.wanted to false"
        yield contradiction_error("quiz.wanted", found, "generated images to ask about", fix)
    if quiz["answers"] and len(study.targets) > 1 and "{volume}" not in quiz["answers"]:
        found = f"one folder `{quiz['answers']}` for {len(study.targets)} targets"
        yield contradiction_error("quiz.answers", found, "a folder for each", "name it with {volume} in it")
