from . import crm_lead_origin_report
