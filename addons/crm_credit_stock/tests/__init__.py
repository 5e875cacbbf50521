from . import test_delivery
from . import test_delivery_tour
from . import test_edit
from . import test_delivery_costs
from . import test_delivery_excess
