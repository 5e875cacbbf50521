from . import test_exposure
from . import test_credit_policy
from . import test_credit_terms
from . import test_hold
