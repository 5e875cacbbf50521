from . import base_partner_merge_automatic_wizard
from . import base_partner_merge_metrics
from . import base_partner_merge_care
from . import crm_class_preview
from . import crm_contract_call_off
from . import crm_day_sheet
from . import crm_visit_round
from . import crm_visit_round_line
