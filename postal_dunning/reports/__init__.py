from . import dunning_ageing_report
