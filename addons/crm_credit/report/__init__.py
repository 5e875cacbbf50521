from . import report_credit_assessment
from . import report_credit_file
