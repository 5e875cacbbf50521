import { RedirectWarningDialog } from "@web/core/errors/error_dialogs";
import { registry } from "@web/core/registry";

// A refusal for credit reasons carries the same arguments as a redirect warning: show its button.
registry
    .category("error_dialogs")
    .add("odoo.addons.crm_credit.exceptions.CreditRefused", RedirectWarningDialog);
