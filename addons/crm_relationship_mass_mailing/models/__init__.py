from . import crm_care_programme
from . import crm_care_run
from . import crm_care_recipient
