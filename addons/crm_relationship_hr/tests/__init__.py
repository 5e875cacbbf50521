from . import test_departments_of_employees
