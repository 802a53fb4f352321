"""The states that a training saves while it runs."""

import threading
import time


def after_a_state_past(folder, step, act):
    """Do something as soon as a later state than that of this step is saved."""

    def wait():
        while not any(path.name > f"step-{step:08d}.pt" for path in folder.glob("step-*.pt")):
            time.sleep(0.01)
        act()

    threading.Thread(target=wait, daemon=True).start()


def last_step(folder):
    return max(int(path.stem.split("-")[1]) for path in folder.glob("step-*.pt"))
