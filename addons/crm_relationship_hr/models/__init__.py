from . import crm_scheme_department
from . import hr_department
from . import res_users
