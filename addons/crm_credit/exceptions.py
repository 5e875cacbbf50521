from odoo.exceptions import UserError


class CreditRefused(UserError):
    """A user's change was refused for credit reasons; the web client offers a button to ask for a release.

    For every other caller it is a plain ``UserError``. The arguments are those of ``odoo.exceptions.RedirectWarning``.
    """

    def __init__(self, message, action_id, button_text, additional_context=None):
        super().__init__(message)
        self.args = (message, action_id, button_text, additional_context or {})

    def __str__(self):
        return self.args[0]
