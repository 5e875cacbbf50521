"""The cases and how they are timed.

    @case("over-limit search", target=0.02, addons=("crm_credit",))
    def over_limit(env):
        return lambda: env["res.partner"].search([...]), lambda: ...reference...

The function prepares (untimed) and returns what is timed and its reference, or None for a case without one. Each
runs in a savepoint that is rolled back, with an empty ORM cache, ``repeat`` times in turn; medians count.
"""

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

CASES = []


@dataclass(frozen=True)
class Case:
    name: str
    prepare: Callable
    target: float | None
    addons: tuple[str, ...]
    repeat: int

    def run(self, env, n):
        """Measured figures of the case as they go into results.json."""
        measured, reference = self.prepare(env)
        seconds, reference_seconds, queries = [], [], 0
        peak = _peak_memory()
        for _round in range(self.repeat):
            duration, queries = _timed(env, measured)
            seconds.append(duration)
            if _round == 0:
                grown = _peak_memory() - peak
            if reference:
                reference_seconds.append(_timed(env, reference)[0])
        own, other = statistics.median(seconds), statistics.median(reference_seconds) if reference else None
        return {
            "case": self.name, "n": n, "ratio": round(own / other, 3) if other else None, "target": self.target,
            "seconds": round(own, 4), "reference_seconds": other and round(other, 4), "queries": queries,
            "memory_mb": round(grown / 1024, 1),
        }


def case(name, target=None, addons=(), repeat=5):
    """Register the decorated function; cases of addons that aren't installed are left out."""
    def register(function):
        CASES.append(Case(name, function, target, tuple(addons), repeat))
        return function
    return register


def _peak_memory():
    """Largest memory the process ever had, in KiB (Linux): what a case adds to it in its first round is its growth."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _timed(env, function):
    env.flush_all()
    env.invalidate_all()
    savepoint = env.cr.savepoint()
    queries, started = env.cr.sql_log_count, time.perf_counter()
    function()
    duration = time.perf_counter() - started
    counted = env.cr.sql_log_count - queries
    savepoint.close(rollback=True)
    env.invalidate_all(flush=False)
    return duration, counted
