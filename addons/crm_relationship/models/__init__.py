from . import scorecard_mixin
from . import res_partner
