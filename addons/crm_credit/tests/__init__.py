from . import test_exposure
from . import test_credit_policy
from . import test_credit_terms
from . import test_hold
from . import test_simultaneous
from . import test_credit_assessment
from . import test_credit_validity
from . import test_credit_metrics
