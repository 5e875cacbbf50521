from . import crm_complaint
from . import sale_order
