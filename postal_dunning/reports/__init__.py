from . import dunning_ageing_report
from . import dunning_dso_report
from . import dunning_recovery_report
