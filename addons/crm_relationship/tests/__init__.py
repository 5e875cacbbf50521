from . import test_customer_code
from . import test_relationship_card
