from . import base_partner_merge_credit, credit_assessment_reject
from . import credit_hold_decide, credit_hold_request
