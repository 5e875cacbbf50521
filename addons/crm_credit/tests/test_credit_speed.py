import re
from unittest.mock import patch

from lxml import etree

from odoo.tests import Form, new_test_user, tagged

from .test_hold import HoldCase

OURS = ("crm_relationship", "crm_credit", "crm_feedback", "crm_credit_stock", "crm_feedback_stock")


@tagged("post_install", "-at_install")
class TestCreditSpeed(HoldCase):
    """How many queries credit adds; the times are in docs/reference/speed.md."""

    def count(self, function, user=None):
        """Fewest queries of ``function(env)`` with an empty cache in three runs: others read what the server keeps."""
        env = self.env(user=user or self.salesperson, su=False, context={"lang": "en_US", "tz": "UTC"})
        counts = []
        for _run in range(3):
            self.env.flush_all()
            self.env.invalidate_all()
            savepoint = self.env.cr.savepoint()
            before = self.env.cr.sql_log_count
            function(env)
            env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)
        return min(counts)

    def test_exposure_takes_the_same_two_queries_for_8_and_80_customers(self):
        partners = self.env["res.partner"].create([{"name": f"P{i}", "is_company": True} for i in range(80)])
        for partner in partners[:3]:
            self.due_invoice(partner, 10, 5)
            self.make_order(partner, 10, confirm=True)
        for ids in (partners[:8].ids, partners.ids):
            queries = self.count(
                lambda env, ids=ids: env["res.partner"].sudo().browse(ids)._credit_exposure(self.company)
            )
            self.assertLessEqual(queries, 2 + 1)  # and the company, where nothing has read it

    def test_confirming_takes_the_same_queries_however_many_invoices_there_are(self):
        other = self.env["res.partner"].create({"name": "Many", "is_company": True, "user_id": self.salesperson.id})
        self.set_terms(other, 100000)
        self.set_terms(self.customer, 100000)
        for number in range(12):
            self.due_invoice(other, 10, number)
        counts = {}
        for partner in (self.customer, other):
            order = self.make_order(partner, 10, user=self.salesperson).id
            counts[partner] = self.count(lambda env, order=order: env["sale.order"].browse(order).action_confirm())
        self.assertEqual(counts[self.customer], counts[other])
        model = type(self.env["sale.order"])
        with (
            patch.object(model, "action_confirm", model.action_confirm.__wrapped__),
            patch.object(model, "_credit_decide", lambda *args, **kwargs: {}),
        ):
            plain = self.count(lambda env: env["sale.order"].browse(order).action_confirm())
        self.assertLessEqual(counts[other] - plain, 10)

    def test_the_order_form_takes_at_most_eight_queries_more_in_every_state(self):
        confirmed = self.make_order(amount=50, user=self.salesperson)
        confirmed.action_confirm()
        orders = {
            "clear": self.make_order(amount=50, user=self.salesperson),
            "would be held": self.make_order(amount=500, user=self.salesperson),
            "held": self.held_order(),
            "confirmed": confirmed,
        }
        for name, order in orders.items():
            with self.subTest(name):
                self.assertLessEqual(self.more(order, OURS), 8)

    def test_the_credit_page_takes_at_most_eight_queries_of_the_customer_form(self):
        self.due_invoice(self.customer, 100, 45)
        credit = ("crm_credit", "crm_credit_stock")
        self.assertLessEqual(self.more(self.customer, credit), 8)
        bookkeeper = new_test_user(
            self.env,
            "credit_bookkeeper",
            groups="base.group_user,base.group_partner_manager,account.group_account_user",
            company_id=self.company.id,
        )
        self.assertLessEqual(self.more(self.customer, credit, bookkeeper), 8)

    def test_no_figure_is_read_before_somebody_opens_the_credit_page(self):
        bookkeeper = new_test_user(
            self.env, "credit_reader", groups="base.group_user,account.group_account_user", company_id=self.company.id
        )
        Partner = self.env["res.partner"].with_user(bookkeeper)
        arch = etree.fromstring(Partner.get_view(view_type="form")["arch"])
        page = arch.find(".//page[@name='credit'][@loading='deferred']")
        self.assertIn("credit_panel", [field.get("name") for field in page.iter("field")])
        first = {field.get("name") for field in arch.iter("field") if page not in field.iterancestors()}
        # The web client reads what a field's own expressions name as soon as the field, wherever they stand.
        first |= {
            word
            for field in page.iter("field")
            if field.get("name") in first
            for expression in ("invisible", "readonly", "required", "context", "options")
            for word in re.findall(r"\w+", field.get(expression) or "")
        }
        figures = {name for name, field in Partner._fields.items() if field.compute == "_compute_credit_figures"}
        self.assertFalse(first & figures)

    def more(self, record, modules, user=None):
        """Queries that the fields of these modules add to reading the record's own form."""
        user = user or self.salesperson
        model, record_id = record._name, record.id
        spec = Form(record.with_user(user).sudo(False))._view["fields_spec"]
        rest = self.without(model, spec, modules)
        return self.count(lambda env: env[model].browse(record_id).web_read(spec), user) - self.count(
            lambda env: env[model].browse(record_id).web_read(rest), user
        )

    def without(self, model, spec, modules):
        """A specification of ``web_read`` without the fields of these modules, nested ones included."""
        fields, kept = self.env[model]._fields, {}
        for name, inner in spec.items():
            if name != "id" and fields[name]._module in modules:
                continue
            if inner.get("fields"):
                inner = {**inner, "fields": self.without(fields[name].comodel_name, inner["fields"], modules)}
            kept[name] = inner
        return kept

    def test_searches_take_the_same_queries_however_many_customers_owe(self):
        domains = ([("credit_over_limit", "=", True)], [("credit_max_days_overdue", ">", 30)])

        def counts():
            return [self.count(lambda env, domain=domain: env["res.partner"].search(domain)) for domain in domains]

        before = counts()
        partners = self.env["res.partner"].create([{"name": f"P{i}", "is_company": True} for i in range(4)])
        for partner in partners:
            self.set_terms(partner, 5)
            self.due_invoice(partner, 10, 60)
        self.assertEqual(counts(), before)
