from odoo import models


class JobProgressMixin(models.AbstractModel):
    """Long work whose progress is shown as a bar to the person who waits for it, wherever in Odoo that person is."""

    _name = 'crm.job.progress.mixin'
    _description = "Progress of Long Work"

    def _show_progress(self, user, title, done, total):
        """Show that ``done`` of ``total`` are done; the bar goes when all are, at once when ``total`` is 0 (given up).

        The message leaves with the commit: work in one transaction sends it over a cursor of its own.
        """
        self.ensure_one()
        user.sudo()._bus_send('crm_relationship.progress', {
            'key': f'{self._name},{self.id}', 'title': title, 'done': done, 'total': total,
        })
