from odoo import fields, models


class DocumentPageHistory(models.Model):
    """What the pages keep is as clean as what they show."""

    _inherit = 'document.page.history'

    content = fields.Html(sanitize=True, sanitize_form=True)
