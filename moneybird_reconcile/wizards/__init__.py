from . import matching_import_wizard
from . import matching_payout_wizard
from . import matching_problem_wizard
