from . import report_relationship_card
