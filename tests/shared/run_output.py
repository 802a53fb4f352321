"""What a run says, and the membrane network of the nano workflow, which tests stop in the middle."""

NETWORK = "results/membranes/larva/base/network.pt"
LOG = "results/logs/train_membranes/larva/base.log"


def errors(output):
    return [line for line in output.splitlines() if line.startswith("ERROR ")]


def last_line(output):
    return output.rstrip("\n").splitlines()[-1]
