from . import test_complaint
from . import test_complaint_tour
from . import test_customer
from . import test_escalation
from . import test_phone
from . import test_sla
from . import test_complaint_opportunity
from . import test_standing_promise
