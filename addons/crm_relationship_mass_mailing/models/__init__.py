from . import crm_care_mailing_figures
from . import crm_care_programme
from . import crm_care_run
from . import crm_care_recipient
from . import mailing_mailing
from . import mailing_trace
