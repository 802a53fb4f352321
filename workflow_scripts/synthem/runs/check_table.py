"""When a user sees what the data check understood: after it ran, and whenever `check` is asked for."""

import logging

ENDS = ("Nothing to be done", "Elapsed time")  # Snakemake's last words of a run that went well


class CheckTable(logging.Handler):
    """Adds the words of the data check to Snakemake's, for what shows these: `--quiet all` hides them."""

    def __init__(self, workflow, logger, checked):
        super().__init__()
        self.workflow, self.logger, self.checked, self.checks = workflow, logger, checked, set()

    def emit(self, record):
        event = str(getattr(record, "event", None) or "")
        if event == "job_info" and is_check(record.rule_name):
            self.checks.add(record.jobid)
        if event == "job_finished" and record.job_id in self.checks:
            self.logger.info(self.checked())
        if str(record.msg).startswith(ENDS) and not self.checks and wants_check(self.workflow):
            self.logger.info(self.checked())


def wants_check(workflow):
    """Whether `check` is among the targets of a run that is more than a dry one."""
    return not workflow.dryrun and any(rule.name.endswith("check") for rule in workflow.dag.targetrules)


def is_check(rule):
    """Whether a rule is the data check, whatever a workflow that uses this one puts before its name."""
    return rule.endswith("check_volumes")


def is_of_check(rule):
    """Whether a rule makes what `check` is asked for."""
    return is_check(rule) or rule.endswith("list_data")
