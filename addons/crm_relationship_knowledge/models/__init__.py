from . import document_page
from . import document_page_history
from . import knowledge_mixin
from . import res_partner
from . import crm_lead
from . import crm_touchpoint
