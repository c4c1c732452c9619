# SPDX-License-Identifier: GPL-2.0
"""Results of a test in Python, as TAP: result() for each, and sys.exit(end()) behind the last."""

LINES = 60

tests = failures = 0


def result(good, name, *words):
    """words: what to say if it is not good."""
    global tests, failures
    tests += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {tests} - {name}", flush=True)
    if not good:
        for line in "\n".join(str(word) for word in words).splitlines()[:LINES]:
            print("#", line, flush=True)


def end():
    """The plan; the exit status."""
    print(f"1..{tests}", flush=True)
    return int(failures != 0)
