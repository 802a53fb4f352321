"""Why Snakemake did not accept what a step has made: dates that lie ahead, or files that are not seen."""

import re
import shlex
from pathlib import Path

from synthem.errors import SynthemError

IN_RULE = r"^\w+ in rule {} in file .*\n"  # how its words about a step begin
OLDER = r"Output .+ has older modification time \(.+?\) than input (.+) \((.+?)\)\. This could indicate"
UNSEEN = r"Job \d+ +completed successfully, but some output files are missing\. .*\n(.+?)(?: \(missing|\n)"
AGAIN = "run the same command again"


def not_accepted(step, said):
    """The error of a step that ended well, but whose results Snakemake refused; None where it did not.

    said: the log of Snakemake, of whose words about the step the last count.
    """
    found = [*re.finditer(IN_RULE.format(re.escape(step)) + f"(?:{OLDER}|{UNSEEN})", said, re.MULTILINE)]
    if not found:
        return None
    older_than, dated, unseen = found[-1].groups()
    if unseen:
        return SynthemError(
            "FILE_READ",
            unseen,
            f"{step} ended well, but its file is not seen here: a slow network, or something deletes it",
            expected="it within the seconds of --latency-wait",
            fix=f"{AGAIN} with --latency-wait 120",
        )
    folder = shlex.quote(str(Path(older_than).parent))
    return SynthemError(
        "FILE_READ",
        older_than,
        f"dated {dated}, which is later than now: Snakemake takes what {step} makes of it for older",
        expected="a date that lies behind",
        fix=f"set the clock, if it is that which is wrong; then: find -L {folder} -newermt now "
        f"-exec touch {{}} + (what files hold counts, not their dates), and {AGAIN}",
    )
