from . import report_relationship_card
from . import report_handover_dossier
