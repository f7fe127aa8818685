from . import test_engine
from . import test_engine_vault
from . import test_client
from . import test_client_oauth
from . import test_log_filters
