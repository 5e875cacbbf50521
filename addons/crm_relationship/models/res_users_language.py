from odoo import models


class ResUsers(models.Model):
    """What is written *for* somebody is in their language, whoever or whatever writes it."""

    _inherit = 'res.users'

    def _in_own_language(self, records):
        """Return ``records`` as this user reads them. Scheduled actions, mails and customers on the portal write with a
        language of their own; without a user it stays as it is.
        """
        return records.with_context(lang=self[:1].sudo().lang or records.env.lang)
