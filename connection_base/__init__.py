from . import controllers, models, wizards
from .log_filters import install_log_filters

install_log_filters()
