"""Selections that several models share, with their names."""
KINDS = [
    ('complaint', "Complaint"),
    ('claim', "Claim"),
    ('request', "Help request"),
    ('suggestion', "Suggestion"),
    ('praise', "Praise"),
]
CHANNELS = [
    ('phone', "Phone"),
    ('email', "E-mail"),
    ('portal', "Portal"),
    ('web', "Web form"),
    ('letter', "Letter"),
    ('visit', "Visit"),
]
SEVERITIES = [
    ('0', "Slight"),
    ('1', "Moderate"),
    ('2', "Serious"),
    ('3', "Critical"),
]
PRIORITIES = [
    ('0', "Low"),
    ('1', "Normal"),
    ('2', "High"),
    ('3', "Urgent"),
]
SLA_STATES = [
    ('none', "No deadline"),
    ('ok', "In time"),
    ('at_risk', "At risk"),
    ('breached', "Late"),
]
VERDICTS = [
    ('justified', "Justified"),
    ('partly', "Partly justified"),
    ('unjustified', "Unjustified"),
]
STATES = [
    ('new', "New"),
    ('assigned', "Assigned"),
    ('in_progress', "In Progress"),
    ('waiting', "Waiting for Customer"),
    ('resolved', "Resolved"),
    ('closed', "Closed"),
    ('cancelled', "Cancelled"),
]
CLOCKS = [
    ('first_response', "First response"),
    ('next_response', "Next response"),
    ('resolution', "Resolution"),
]


def label(record, name, value=None):
    """The words of a selection value in the user's language; of the record's own value when none is given."""
    value = record[name] if value is None else value
    return dict(record._fields[name]._description_selection(record.env)).get(value, value)
