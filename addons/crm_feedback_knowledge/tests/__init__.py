from . import test_complaint_knowledge
