from . import crm_complaint
from . import crm_complaint_settlement
