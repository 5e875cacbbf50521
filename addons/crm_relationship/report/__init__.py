from . import report_relationship_card
from . import crm_investment_report
from . import crm_information_report
