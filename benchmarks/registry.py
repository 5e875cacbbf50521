"""The cases and how they are timed.

    @case("search customers over the limit", target=0.02, against="OCA's search risk_exception", needs=("oca",))
    def over_limit(bench):
        return bench.suite.timed(lambda env: ...), bench.oca.timed(lambda env: ...)

The function prepares (untimed) and returns what is timed and its reference, or None for a case without one. ``bench``
has up to three databases with the same seeded customers: ``suite`` (all addons of this repository), ``plain`` (Odoo's
apps and none of ours) and ``oca`` (plain, with OCA's modules for financial risk). Measured and reference take turns in
one process, now one first and now the other; each runs in a savepoint that is rolled back, with an empty ORM cache,
once unmeasured and then ``repeat`` times (``repeat=1``: measured at once). Medians count.

A case that needs the suite's database only may be a function of ``env`` and return functions without parameter.
"""

import gc
import inspect
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

CASES = []
# A slow reference is run so many times, and once above so many customers.
SLOW_ROUNDS = 3
LARGE = 5000


@dataclass(frozen=True)
class Database:
    """One of the databases of a run: its superuser environment in the main company."""

    env: object

    def timed(self, function, user=None):
        """What is timed: ``function(env)``, as a user when one is given."""
        return Timed(self.env(user=user.id) if user else self.env, function)


@dataclass(frozen=True)
class Timed:
    env: object
    function: Callable

    def run(self):
        """Seconds, queries and growth of the process in MB, at its largest."""
        env = self.env
        env.flush_all()
        env.invalidate_all()
        savepoint = env.cr.savepoint()
        gc.collect()
        gc.disable()
        memory, queries, started = _reset_peak_memory(), env.cr.sql_log_count, time.perf_counter()
        self.function(env)
        env.flush_all()
        duration = time.perf_counter() - started
        counted = env.cr.sql_log_count - queries
        gc.enable()
        grown = max(_memory("VmHWM") - memory, 0.0)
        savepoint.close(rollback=True)
        env.invalidate_all(flush=False)
        env.cr.precommit.clear()
        env.cr.postcommit.clear()
        return duration, counted, grown


@dataclass
class Bench:
    """The databases of a run and the size; those that are missing are named with the reason."""

    n: int
    suite: Database
    plain: Database | None = None
    oca: Database | None = None
    missing: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """``target``: most times the reference's median; ``max_queries``: at most so many; ``max_more``: at most so many
    more than the reference; ``queries_per_1000``: ``max_queries`` grows by so many for each 1,000 customers begun;
    ``same_queries_as``: a case measured before that needs just as many; ``max_memory``: MB; ``max_seconds``: at most so
    long, on any machine; ``slow``: the reference takes so long that it is run three times, with many customers once.
    """

    name: str
    prepare: Callable
    target: float | None
    against: str
    needs: tuple[str, ...]
    addons: tuple[str, ...]
    repeat: int
    max_queries: int | None
    max_more: int | None
    same_queries_as: str | None
    max_memory: int | None
    slow: bool
    max_seconds: float | None = None
    queries_per_1000: int = 0

    def run(self, bench, before):
        """Measured figures of the case as they go into results.json.

        :param before: {case: result} of the cases measured before
        """
        missing = [bench.missing[name] for name in self.needs if name in bench.missing]
        if missing:
            return self._result(bench, skipped="; ".join(missing))
        measured, reference = self._prepared(bench)
        rounds, reference_rounds = [], []
        warming = int(self.repeat > 1)
        repeat, once = self.repeat + warming, self.slow and bench.n > LARGE
        reference_repeat = 0 if not reference else 1 if once else min(repeat, SLOW_ROUNDS + 1) if self.slow else repeat
        for number in range(repeat):
            turns = [(measured, rounds)] + [(reference, reference_rounds)] * (number < reference_repeat)
            for timed, results in reversed(turns) if number % 2 else turns:
                results.append(timed.run())
        grown = rounds[0][2]  # only the first one finds the process as it was
        own, queries = _medians(rounds[warming:])
        counted = reference_rounds if reference_repeat == 1 else reference_rounds[warming:]
        other, reference_queries = _medians(counted) if reference else (None, None)
        result = self._result(
            bench,
            ratio=round(own / other, 4) if other else None,
            seconds=round(own, 5),
            reference_seconds=other and round(other, 5),
            queries=queries,
            reference_queries=reference_queries,
        )
        if self.max_memory:
            result |= {"memory_mb": round(grown, 1), "max_memory_mb": self.max_memory}
        return result | {"missed": self._missed(result, before)}

    def _prepared(self, bench):
        """What is timed and its reference; see the head of the file for functions of ``env``."""
        if "bench" in inspect.signature(self.prepare).parameters:
            return self.prepare(bench)
        functions = self.prepare(bench.suite.env)
        return [function and bench.suite.timed(lambda env, function=function: function()) for function in functions]

    def _result(self, bench, **figures):
        empty = dict.fromkeys(("ratio", "seconds", "reference_seconds", "queries", "reference_queries"))
        targets = {
            "max_queries": self._max_queries(bench.n), "max_more_queries": self.max_more,
            "max_seconds": self.max_seconds, "same_queries_as": self.same_queries_as,
        }  # fmt: skip
        return (
            {"case": self.name, "n": bench.n, "against": self.against or None}
            | empty
            | {"target": self.target}
            | {name: value for name, value in targets.items() if value is not None}
            | figures
        )

    def _max_queries(self, n):
        return self.max_queries and self.max_queries + self.queries_per_1000 * (n // 1000 + 1)

    def _missed(self, result, before):
        """Which of the targets were missed, in words."""
        missed = []
        if self.target is not None and result["ratio"] > self.target:
            missed.append(f"ratio {result['ratio']:.3g} instead of {self.target:g}")
        if self.max_queries is not None and result["queries"] > result["max_queries"]:
            missed.append(f"{result['queries']} queries instead of {result['max_queries']}")
        if self.max_seconds is not None and result["seconds"] > self.max_seconds:
            missed.append(f"{result['seconds']:.1f} s instead of {self.max_seconds:g} s")
        if self.max_more is not None and result["queries"] - result["reference_queries"] > self.max_more:
            missed.append(
                f"{result['queries'] - result['reference_queries']} queries more, instead of at most {self.max_more}"
            )
        other = before.get(self.same_queries_as)
        if other and other["queries"] != result["queries"]:
            missed.append(f"{result['queries']} queries, and {other['queries']} for “{self.same_queries_as}”")
        if self.max_memory and result["memory_mb"] > self.max_memory:
            missed.append(f"grew by {result['memory_mb']:.0f} MB instead of {self.max_memory}")
        return missed


def case(
    name, target=None, against="", needs=(), addons=("crm_credit",), repeat=9, max_queries=None, max_more=None,
    same_queries_as=None, max_memory=None, slow=False, max_seconds=None, queries_per_1000=0,
):  # fmt: skip
    """Register the decorated function; cases of addons that aren't installed are left out."""

    def register(function):
        CASES.append(
            Case(
                name, function, target, against, tuple(needs), tuple(addons), repeat, max_queries, max_more,
                same_queries_as, max_memory, slow, max_seconds, queries_per_1000,
            )
        )  # fmt: skip
        return function

    return register


def _reset_peak_memory():
    """Let the system count the largest memory of this process from now on. Returns the current one, in MB."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as clear:
            clear.write("5")
    except OSError:
        pass
    return _memory("VmRSS")


def _memory(name):
    """A figure of this process in MB, 0 where the system doesn't tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith(f"{name}:")), 0.0)
    except OSError:
        return 0.0


def _medians(rounds):
    seconds = statistics.median(duration for duration, _queries, _grown in rounds)
    return seconds, max(queries for _duration, queries, _grown in rounds)
