from . import test_customer_code
from . import test_relationship_card
from . import test_board
from . import test_touchpoint
from . import test_promise
