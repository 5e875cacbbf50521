from .models.crm_metrics_change import TRIGGERS


def uninstall_hook(env):
    """Triggers are no record of a model: Odoo wouldn't remove them, and each complaint would fail."""
    env['crm.metrics.change']._drop_triggers(trigger.name for trigger in TRIGGERS)
