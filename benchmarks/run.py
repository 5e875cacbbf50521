#!/usr/bin/env python3
"""Seeds N customers and times each case against its reference in the same run.

    python -m benchmarks.run --database bench [--config odoo.conf] --customers 2000 [--case metrics] [--output
    results.json]

The database must exist with the addons installed; it is filled and changed, so take one to throw away. A case is a
function with the decorator ``case`` in a module of ``benchmarks/cases``. Results: ``{"cases": [{"case", "n", "ratio",
"target",
"seconds", "reference_seconds", "queries"}]}``; seconds are medians, and a ratio above its target ends with status 1.
"""

import argparse
import importlib
import json
import pkgutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __package__ in (None, ""):  # started by its path
    sys.path.insert(0, str(HERE.parent))

from benchmarks.registry import CASES  # noqa: E402
from benchmarks.seed import seed  # noqa: E402


def main():
    options = _options()
    for module in pkgutil.iter_modules([str(HERE / "cases")]):
        importlib.import_module(f"benchmarks.cases.{module.name}")
    import odoo
    from odoo import api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(["-c", options.config, "-d", options.database, "--log-level", "warn"])
    registry = Registry(options.database)
    results = []
    with registry.cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        company = env["res.users"].browse(api.SUPERUSER_ID).company_id
        env = env(context={"allowed_company_ids": company.ids, "tracking_disable": True})
        seed(env, options.n)
        installed = set(env["ir.module.module"].search([("state", "=", "installed")]).mapped("name"))
        for item in CASES:
            if options.case in item.name and set(item.addons) <= installed:
                results.append(item.run(env, options.n))
                cr.rollback()
                env.invalidate_all()
                print(_row(results[-1]), flush=True)
    output = Path(options.output)
    _merge(output, results)
    print(f"written: {output}")
    return 1 if any(_missed(result) for result in results) else 0


def _options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True)
    parser.add_argument(
        "--config", default=str(HERE.parent / "odoo.conf"), help="Odoo's configuration (default odoo.conf)"
    )
    parser.add_argument(
        "--customers", "--n", dest="n", type=int, default=2000, help="number of customers (default 2000)"
    )
    parser.add_argument("--case", default="", help="only cases whose name contains this")
    parser.add_argument("--output", default=str(HERE / "results.json"))
    return parser.parse_args()


def _merge(output, results):
    """Replace the measured cases in the file and keep the others (other sizes, say)."""
    old = json.loads(output.read_text(encoding="utf-8"))["cases"] if output.exists() else []
    measured = {(result["case"], result["n"]) for result in results}
    cases = [result for result in old if (result["case"], result["n"]) not in measured] + results
    output.write_text(json.dumps({"cases": cases}, indent=2) + "\n", encoding="utf-8")


def _missed(result):
    return result["target"] is not None and result["ratio"] is not None and result["ratio"] > result["target"]


def _row(result):
    ratio = "-" if result["ratio"] is None else f"{result['ratio']:.2f}"
    target = (
        "" if result["target"] is None else f" (target {result['target']:g}{', MISSED' if _missed(result) else ''})"
    )
    return (
        f"{result['case']:<45} n={result['n']:<7} {result['seconds']:8.3f} s"
        f"  reference {result['reference_seconds'] or 0:8.3f} s"
        f"  ratio {ratio}{target}  {result['queries']} queries"
    )


if __name__ == "__main__":
    sys.exit(main())
