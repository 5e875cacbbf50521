from odoo import http

from odoo.addons.web.controllers.report import ReportController

# Reports that print cards, and log that somebody has read them.
CARD_REPORTS = (
    'crm_relationship.report_relationship_card', 'crm_relationship.report_relationship_card_small',
    'crm_relationship.report_day_sheet',
)


def _writes_nothing(_controller, _rule, args):
    return args.get('reportname') not in CARD_REPORTS


class CardReportController(ReportController):

    @http.route(readonly=_writes_nothing)
    def report_routes(self, *args, **kwargs):
        return super().report_routes(*args, **kwargs)
