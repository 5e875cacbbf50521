from . import test_care_mailing
