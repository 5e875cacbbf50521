from . import crm_visit_review
from . import report_relationship_card
from . import report_handover_dossier
from . import crm_investment_report
from . import crm_information_report
from . import report_day_sheet
from . import report_customer_roster
from . import crm_sell_through_report
