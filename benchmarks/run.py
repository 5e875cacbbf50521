#!/usr/bin/env python3
"""Seeds N customers and times each case against its reference in the same run.

    python -m benchmarks.run --database bench [--plain bench_plain] [--oca bench_oca] [--config odoo.conf]
        --customers 2000 [--case metrics] [--output results.json]

``make bench`` makes the databases and calls this. They are filled and changed, so take ones to throw away. The first
has our addons, ``--plain`` Odoo's apps without them, ``--oca`` is a copy of the plain one with OCA's modules. Without
the last two, cases that are measured against them are skipped, and said to be. A case is a function with the decorator
``case`` in a module of ``benchmarks/cases``.

Results: ``{"cases": [{"case", "n", "ratio", "target", "seconds", "reference_seconds", "queries", …}]}``; seconds are
medians, ``missed`` says in words which target was missed. Any missed one ends with status 1.
"""

import argparse
import importlib
import json
import pkgutil
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __package__ in (None, ""):  # started by its path
    sys.path.insert(0, str(HERE.parent))

from benchmarks.registry import CASES, Bench, Database  # noqa: E402
from benchmarks.seed import seed  # noqa: E402

TARGETS = {
    "max_queries": "at most {} queries",
    "max_more_queries": "at most {} queries more",
    "max_seconds": "at most {:g} s",
    "same_queries_as": "queries of “{}”",
}


def main():
    options = _options()
    for module in pkgutil.iter_modules([str(HERE / "cases")]):
        importlib.import_module(f"benchmarks.cases.{module.name}")
    import odoo.tools

    arguments = ["-c", options.config, "-d", options.database, "--log-level", "warn"]
    if options.addons_path:
        arguments += ["--addons-path", options.addons_path]
    odoo.tools.config.parse_config(arguments, setup_logging=True)
    if options.only_seed:
        with _cursor(options.database) as cr:
            seed(_environment(cr), options.n)
        return 0
    results = _measure(options)
    output = Path(options.output)
    _merge(output, results, complete=not options.case)
    print(f"written: {output}")
    return _verdict(results)


def _measure(options):
    with _cursor(options.database) as cr:
        env = _environment(cr)
        seed(env, options.n)
        bench = Bench(options.n, Database(env))
        others = []
        for name, database in (("plain", options.plain), ("oca", options.oca)):
            if database:
                others.append(_cursor(database))
                setattr(bench, name, Database(_environment(others[-1])))
                seed(getattr(bench, name).env, options.n)
            else:
                bench.missing[name] = getattr(options, f"without_{name}")
        installed = set(env["ir.module.module"].search([("state", "=", "installed")]).mapped("name"))
        results = {}
        for item in CASES:
            if options.case in item.name and set(item.addons) <= installed:
                results[item.name] = _run(item, bench, results)
                for database in filter(None, (bench.suite, bench.plain, bench.oca)):
                    database.env.cr.rollback()
                    database.env.invalidate_all()
                    database.env.registry.clear_all_caches()
                print(_row(results[item.name]), flush=True)
        for other in others:
            other.close()
    return list(results.values())


def _run(item, bench, before):
    """One case that breaks is missed; the others go on."""
    try:
        return item.run(bench, before)
    except Exception as problem:
        traceback.print_exc()
        empty = dict.fromkeys(("ratio", "seconds", "reference_seconds", "queries", "reference_queries"))
        return {"case": item.name, "n": bench.n, **empty, "target": item.target, "missed": [f"broken: {problem!r}"]}


def _cursor(database):
    from odoo.modules.registry import Registry

    return Registry(database).cursor()


def _environment(cr):
    from odoo import SUPERUSER_ID, api

    env = api.Environment(cr, SUPERUSER_ID, {})
    company = env["res.users"].browse(SUPERUSER_ID).company_id
    return env(context={"allowed_company_ids": company.ids, "tracking_disable": True, "lang": "en_US"})


def _options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True)
    parser.add_argument("--plain", help="database of the same size without our addons")
    parser.add_argument("--oca", help="copy of the plain one with OCA's modules for financial risk")
    parser.add_argument("--without-plain", default="no plain database was given", help="why there is none")
    parser.add_argument("--without-oca", default="no database with OCA's modules was given", help="why there is none")
    parser.add_argument(
        "--config", default=str(HERE.parent / "odoo.conf"), help="Odoo's configuration (default odoo.conf)"
    )
    parser.add_argument("--addons-path", help="instead of the configuration's")
    parser.add_argument(
        "--customers", "--n", dest="n", type=int, default=2000, help="number of customers (default 2000)"
    )
    parser.add_argument("--only-seed", action="store_true", help="fill --database and stop")
    parser.add_argument("--case", default="", help="only cases whose name contains this")
    parser.add_argument("--output", default=str(HERE / "results.json"))
    return parser.parse_args()


def _merge(output, results, complete):
    """Replace the measured cases in the file and keep those of other sizes."""
    old = json.loads(output.read_text(encoding="utf-8"))["cases"] if output.exists() else []
    names = {item.name for item in CASES}
    measured = {(result["case"], result["n"]) for result in results}
    sizes = {result["n"] for result in results} if complete else set()
    kept = [
        result
        for result in old
        if (result["case"], result["n"]) not in measured and result["n"] not in sizes and result["case"] in names
    ]
    cases = sorted(kept + results, key=lambda result: result["n"])
    output.write_text(json.dumps({"cases": cases}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _verdict(results):
    """Say which targets were missed and which cases skipped. Returns the exit code."""
    missed = [result for result in results if result.get("missed")]
    skipped = [result for result in results if result.get("skipped")]
    for result in missed:
        print(f"MISSED   {result['case']}: {'; '.join(result['missed'])}")
    for result in skipped:
        print(f"SKIPPED  {result['case']}: {result['skipped']}")
    print(f"{len(results) - len(missed) - len(skipped)} met or without target, {len(missed)} missed, "
          f"{len(skipped)} skipped")  # fmt: skip
    return 1 if missed else 0


def _row(result):
    name = f"{result['case']:<58} n={result['n']:<6}"
    if result.get("skipped"):
        return f"{name} SKIPPED: {result['skipped']}"
    if result["seconds"] is None:
        return f"{name} BROKEN"
    row = f"{name} {result['seconds']:8.4f} s {result['queries']:4d} q"
    if result["reference_seconds"]:
        row += f"  reference {result['reference_seconds']:8.4f} s {result['reference_queries']:4d} q"
        row += f"  ratio {result['ratio']:.3f}"
    if result["target"] is not None:
        row += f" (target {result['target']:g})"
    if "memory_mb" in result:
        row += f"  +{result['memory_mb']:.0f} MB (target {result['max_memory_mb']})"
    for name, words in TARGETS.items():
        if name in result:
            row += f"  (target {words.format(result[name])})"
    if result["missed"]:
        return f"{row}  MISSED"
    return row + ("  met" if "(target" in row else "")


if __name__ == "__main__":
    sys.exit(main())
